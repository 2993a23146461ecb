uniform mat4 view, head;
in vec3 place, normal;
in vec2 texture_place;
in float turns;
out vec3 at, facing;
out vec2 where;
void main() {
  vec3 turned = (head * vec4(place, 1)).xyz;
  at = mix(place, turned, turns);
  facing = mix(normal, mat3(head) * normal, turns);
  where = texture_place;
  gl_Position = view * vec4(at, 1);
}
