// a strand is a ribbon that always faces the camera
uniform mat4 view, head;
in vec3 place, along, tint;
in vec3 shape;  // half the width to one side, share of open sky, turns with the head
out vec3 made;
float gleam(float tangent, float power) {
  return exp2(power * (sqrt(max(1. - tangent * tangent, 0.)) - 1.));
}
void main() {
  vec3 turned = (head * vec4(place, 1)).xyz;
  vec3 at = mix(place, turned, shape.z);
  vec3 t = normalize(mix(along, mat3(head) * along, shape.z));
  vec3 towards = normalize(camera - at);
  float key_side = dot(t, key_from), rim_side = dot(t, rim_from);
  vec3 halfway = normalize(key_from + towards), behind = normalize(rim_from + towards);
  float soft = sqrt(max(1. - key_side * key_side, 0.));
  vec3 light = around * .9 + key * soft * .55 + fill * .35
    + rim * .25 * sqrt(max(1. - rim_side * rim_side, 0.));
  float first = gleam(dot(t, halfway) + .06, 90.), second = gleam(dot(t, halfway) - .10, 30.);
  made = tint * light * shape.y
    + shape.y * (key * (.05 * first + .55 * second * tint) + rim * .05 * gleam(dot(t, behind), 40.));
  gl_Position = view * vec4(at + normalize(cross(t, towards)) * shape.x, 1);
}
