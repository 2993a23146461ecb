uniform vec4 region;
in vec3 rest;
in vec2 texture_place;
out vec3 r;
out vec2 where;
void main() {
  r = rest;
  where = texture_place;
  gl_Position = vec4((texture_place - region.xy) * region.zw * 2. - 1., 0., 1.);
}
