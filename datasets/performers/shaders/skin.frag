in vec3 light, facing, halfway;
in vec2 where;
in float bright;
out vec4 colour;
uniform sampler2D paint;
void main() {
  vec4 c = texture(paint, where);
  // oil on skin: a broad sheen and a small sharp one
  float across = dot(facing, halfway) * inversesqrt(dot(facing, facing));
  float broad = exp2(22. * (across - 1.)), sharp = broad * broad * broad;
  float sheen = broad * .11 + sharp * sharp * .16;
  colour = vec4(shown(c.rgb * c.rgb * light + key * (c.a * bright * sheen)), 1.);
}
