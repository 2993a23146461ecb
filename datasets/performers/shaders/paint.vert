in vec3 rest;
in vec2 texture_place, sheet_place;
out vec3 r;
out vec2 where;
void main() {
  r = rest;
  where = texture_place;
  gl_Position = vec4(sheet_place * 2. - 1., 0., 1.);
}
