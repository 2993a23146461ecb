in vec3 at, facing;
in vec2 where;  // along the lid, lower lashes from 100 on; 0 root to 1 tip
out vec4 colour;
uniform vec4 tint;
void main() {
  float lower = step(50., where.x), along = where.x - 100. * lower, tip = where.y;
  float lean = along * 95. + tip * 1.6 * sign(along);
  float hair = abs(fract(lean + .35 * noise(vec3(along * 40., 1., 2.))) - .5) * 2.;
  float uneven = noise(vec3(floor(lean) * 1.7, 3., lower * 5.));
  float reach = smoothstep(.55 + .45 * uneven, .3 + .3 * uneven, tip);
  float strand = smoothstep(.25 + .55 * tip, .75 + .25 * tip, hair + .25 * (1. - tip));
  float root = .85 * smoothstep(.22, .0, tip) * (1. - .8 * lower);
  colour = vec4(tint.rgb, tint.a * max(root, strand * reach) * mix(1.5, .55, lower));
}
