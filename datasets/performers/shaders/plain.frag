in vec3 at, facing;
in vec2 where;
out vec4 colour;
uniform vec4 tint;
uniform float power, shine, deep;
void main() {
  vec3 normal = normalize(facing), view = normalize(camera - at);
  if (dot(normal, view) < 0.) normal = -normal;
  // deep: how dark the back of the mouth is; where.x tells how far in front a point is
  float open = mix(1., where.x, deep);
  vec3 c = tint.rgb * mix(1., .85 + .3 * noise(at * 40.), .5);
  colour = vec4(shown(lit(c, normal, view, power, shine, vec3(.10), open,
    1. - deep)), tint.a);  // no lamp behind the head shines into a mouth
}
