in vec3 light, facing, halfway;
in vec2 where;
in float bright;
out vec4 colour;
uniform sampler2D paint, relief;
void main() {
  vec4 c = texture(paint, where), bumps = texture(relief, where);
  vec2 bump = bumps.xy - .5;
  vec3 n = facing - vec3(.13 * bump, 0.);
  float fine = 1. - dot(bump, key_from.xy) * mix(.40, 1.6, bumps.w);
  float across = dot(n, halfway) * inversesqrt(dot(n, n));
  // oil on skin: a broad sheen and a small sharp one
  float sheen = exp2(22. * (across - 1.)) * .11 + exp2(150. * (across - 1.)) * .16;
  vec3 made = c.rgb * c.rgb * light * (c.a * fine) + key * (bumps.z * bright * sheen);
  colour = vec4(shown(made), 1.);
}
