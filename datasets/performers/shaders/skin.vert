// light is worked out here, where points are few, and interpolated
uniform mat4 view, head;
in vec3 place, normal;
in vec4 shade;  // of the key light's red, green, blue; of light from all around
in vec2 texture_place;
in float turns, dry;
out vec3 light, facing, halfway;
out vec2 where;
out float bright;
#ifdef COVERED
uniform mat4 from_key, from_front;
out vec3 of_key, of_room;  // what something before the face can take away
out vec2 in_key, in_front;
#endif
void main() {
  vec3 turned = (head * vec4(place, 1)).xyz;
  vec3 at = mix(place, turned, turns);
  vec3 n = normalize(mix(normal, mat3(head) * normal, turns));
  vec3 towards = normalize(camera - at);
  vec3 warmth = mix(vec3(.30, .14, .09), vec3(.04), dry);
  float sky = .06 + .94 * shade.w;
  // what the skin itself throws back into its folds is red
  vec3 folded = mix(vec3(sky), vec3(sqrt(sky), sky, sky), .6 * (1. - dry));
  light = around * (.62 + .38 * n.y) * folded
    + wrapped(n, key_from, key, warmth) * shade.rgb
    + wrapped(n, fill_from, fill, warmth) * folded
    + wrapped(n, rim_from, rim, .5 * warmth) * sky;
#ifdef COVERED
  of_key = wrapped(n, key_from, key, warmth) * shade.rgb;
  of_room = .7 * (light - of_key);
  in_key = (from_key * vec4(at, 1)).xy * .5 + .5;
  in_front = (from_front * vec4(at, 1)).xy * .5 + .5;
#endif
  float edge = 1. - max(dot(n, towards), 0.);
  float mirror = .04 + .96 * edge * edge * edge * edge * edge;
  halfway = normalize(key_from + towards);
  bright = shade.b * smoothstep(0., .25, dot(n, key_from));
  // light that grazes: the sky and the rim lamp mirrored at the edge of the face
  light += mirror * sky * (.5 * around + .2 * rim * max(dot(n, rim_from) + .35, 0.));
  facing = n;
  where = texture_place;
  gl_Position = view * vec4(at, 1);
}
