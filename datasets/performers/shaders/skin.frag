in vec3 at, facing;
in vec2 where;
out vec4 colour;
uniform sampler2D paint, relief;
uniform vec4 region;
void main() {
  vec2 q = (where - region.xy) * region.zw;
  vec4 c = texture(paint, q), bumps = texture(relief, q);
  vec3 view = normalize(camera - at);
  vec3 normal = normalize(normalize(facing) - vec3(.055 * (bumps.xy * 2. - 1.), 0.));
  vec3 warmth = mix(vec3(.42, .16, .10), vec3(.02), bumps.w);
  float power = mix(13., 22., bumps.z);
  colour = vec4(shown(lit(c.rgb * c.rgb, normal, view, power, bumps.z * .30, warmth,
                          c.a)), 1.);
}
