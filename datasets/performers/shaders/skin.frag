in vec3 light, facing, halfway;
in vec2 where;
in float bright;
out vec4 colour;
uniform sampler2D paint;
#ifdef COVERED
in vec3 of_key, of_room;
in vec2 in_key, in_front;
uniform sampler2D key_cover, front_cover;
#endif
void main() {
  vec4 c = texture(paint, where);
  // oil on skin: a broad sheen and a small sharp one
  float across = dot(facing, halfway) * inversesqrt(dot(facing, facing));
  float broad = exp2(22. * (across - 1.)), sharp = broad * broad * broad;
  float sheen = broad * .11 + sharp * sharp * .16;
  vec3 falls = light;
#ifdef COVERED
  float held = texture(key_cover, in_key).r;
  falls -= held * of_key + texture(front_cover, in_front).r * of_room;
  sheen *= 1. - held;
#endif
  colour = vec4(shown(c.rgb * c.rgb * falls + key * (c.a * bright * sheen)), 1.);
}
