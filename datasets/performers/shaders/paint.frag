in vec3 r;
in vec2 where;
layout(location = 0) out vec4 colour_out;
layout(location = 1) out vec4 relief_out;
uniform sampler2D lip_mask, mouth_mask;
uniform vec3 skin, lips, brows, hair, shirt;
uniform float beard, brow_density, brow_height, brow_thickness, hair_line, rough,
  temples, age, freckles, grey, seed, grows;

float bell(vec3 middle, vec3 size) {
  vec3 d = (r - middle) / size;
  return exp(-dot(d, d));
}
float lines(float x) {
  float y = (r.y - 7.62) / .085 + .5 * noise(vec3(r.x * 3., seed, 1.));
  float found = smoothstep(.75, 1., cos(y * 6.283)) * smoothstep(7.52, 7.58, r.y)
    * smoothstep(7.95, 7.80, r.y) * smoothstep(.6, .35, x);
  float out_eye = (x - .62) / .10;
  found += smoothstep(.7, 1., cos((r.y - 7.26 + (x - .58) * .25 * sign(r.y - 7.26))
      * 110.)) * exp(-out_eye * out_eye) * smoothstep(.14, .07, abs(r.y - 7.26))
    * step(.5, r.z);
  float fold = (x - (.22 + .55 * (6.86 - r.y))) / .022;
  return found + 1.1 * exp(-fold * fold) * smoothstep(6.9, 6.8, r.y)
    * smoothstep(6.36, 6.5, r.y) * step(.8, r.z);
}
// round spots of uneven size, few to a cell
float dots(vec3 p, float share) {
  vec3 cell = floor(p), f = fract(p);
  float found = 0.;
  for (int i = -1; i <= 1; i++) for (int j = -1; j <= 1; j++) for (int k = -1; k <= 1; k++) {
    vec3 c = cell + vec3(i, j, k);
    vec3 to = vec3(i, j, k) + vec3(grain(c + 3.1), grain(c + 7.7), grain(c + 12.3)) - f;
    float size = mix(.12, .42, grain(c + 5.5));
    found = max(found, step(1. - share, grain(c + 1.9)) * smoothstep(size, size * .4, length(to)));
  }
  return found;
}
float brow(float x) {
  float along = (x - .13) / .44;
  float middle = brow_height + .055 * sin(clamp(along, 0., 1.) * 2.4)
    - .07 * smoothstep(.6, 1.05, along);
  float high = brow_thickness * (1. - .55 * smoothstep(.2, 1., along))
    * smoothstep(-.04, .22, along) * smoothstep(1.08, .72, along);
  float off = abs(r.y - middle) / max(high, 1e-3);
  float mask = (1. - smoothstep(.35, 1.15, off)) * step(1., r.z) * step(.008, high);
  float strands = noise(vec3(x * 150. - r.y * mix(30., 130., clamp(along, 0., 1.)), (r.y + x * .4) * 20., 3. + seed));
  return clamp(mask * smoothstep(.22, .78, strands + .36 * (1. - off)) * brow_density * .92,
               0., 1.);
}
void main() {
  float x = abs(r.x), side = sign(r.x);
  vec3 own = r + vec3(seed * 7.1, 0., seed * 3.3);
  float lip = texture(lip_mask, where).r, inside = texture(mouth_mask, where).r;
  vec3 c = skin * (.88 + .25 * cloud(own * 7.)) * (.95 + .10 * noise(own * 90.));
  c *= mix(vec3(1.), vec3(1.05, .97, .93), noise(own * 3.1));
  c = mix(c, c * vec3(1.10, .85, .82), .55 * bell(vec3(side * .62, 6.75, 1.05),
      vec3(.34, .30, .6)));
  c = mix(c, c * vec3(1.10, .84, .81), .6 * bell(vec3(0., 6.80, 1.95),
      vec3(.2, .2, .3)));
  c = mix(c, c * vec3(1.12, .82, .80), .5 * bell(vec3(side * .85, 7.1, .0),
      vec3(.15, .4, .3)));
  c = mix(c, c * vec3(.80, .70, .72), .50 * bell(vec3(side * .32, 7.28, 1.35),
      vec3(.27, .17, .4)));
  float face = smoothstep(.3, .9, r.z);
  float spots = dots(own * 21., .42) * (.4 + .6 * noise(own * 40.))
    * bell(vec3(0., 6.95, 1.5), vec3(.75, .35, 1.2));
  c = mix(c, c * vec3(.72, .56, .46), spots * freckles);
  float mole = dots(own * 15., .0035) * face;
  c = mix(c, c * vec3(.42, .34, .32), mole * .8);
  c = mix(c, lips * (.82 + .36 * noise(r * vec3(70, 9, 30))), lip * .82);
  c = mix(c, vec3(.30, .075, .07), inside);
  c = mix(c, c * vec3(.62, .55, .52), clamp(lines(x) * age, 0., 1.) * .8);
  float brow_mask = brow(x);
  c = mix(c, brows, brow_mask);

  float line = hair_line - .55 * smoothstep(.25, 1.15, x)
    - 1.1 * smoothstep(.9, .2, r.z) * smoothstep(.45, .9, x)
    - 1.2 * smoothstep(.35, -.35, r.z)
    + temples * exp(-pow((x - .42) / .16, 2.)) * smoothstep(.3, .7, r.z);
  float strand = noise(vec3(atan(r.x, r.z - .1) * 42., r.y * 3.5, seed)) * .55
    + noise(vec3(atan(r.x, r.z - .1) * 130., r.y * 7., seed)) * .45;
  float ragged = cloud(own * vec3(24, 7, 10)) - .5 + .45 * (strand - .5);
  float ear = smoothstep(.74, .78, x) * smoothstep(7.62, 7.5, r.y)
    * smoothstep(-.25, -.1, r.z);
  float hairy = smoothstep(-.06, .09, r.y - line + (.10 + .16 * rough) * ragged)
    * (1. - ear) * grows;
  vec3 tuft = mix(hair, vec3(dot(hair, vec3(.33)) + .16), grey * smoothstep(.1, .9,
      noise(own * vec3(60, 12, 60))) * .7);
  c = mix(c, tuft * (.35 + 1.25 * strand), hairy);

  float stubble = smoothstep(6.95, 6.6, r.y) * smoothstep(.1, .5, r.z)
    * smoothstep(5.75, 6.05, r.y) * (.5 + .85 * noise(own * 120.)) * (1. - lip);
  stubble *= 1. - .8 * smoothstep(6.45, 6.75, r.y) * smoothstep(.5, .1, x)
    * step(6.62, r.y);
  c = mix(c, mix(c, tuft, .62) * .85, clamp(stubble * beard, 0., .85));
  float cloth = smoothstep(5.70, 5.66, r.y + .22 * exp(-x * x * 3.) * step(0., r.z)
    - .12 * x);
  float seam = smoothstep(5.70, 5.67, r.y + .22 * exp(-x * x * 3.) * step(0., r.z)
    - .12 * x) * smoothstep(5.60, 5.64, r.y + .22 * exp(-x * x * 3.) * step(0., r.z)
    - .12 * x);
  vec3 weave = shirt * (.72 + .35 * noise(r * vec3(90, 90, 90)) + .25 * noise(r * 5.));
  c = mix(c, weave * (1. - .25 * seam), cloth);

  float open = mix(1., .80, bell(vec3(side * .31, 7.30, 1.28), vec3(.26, .10, .2)));
  open *= mix(1., .8, inside);
  open *= mix(1., .88, bell(vec3(0., 6.62, 1.62), vec3(.16, .05, .25)));
  open *= mix(1., .88, bell(vec3(0., 6.27, 1.45), vec3(.22, .05, .3)));
  vec3 e = vec3(.022, 0., 0.);
  float fine = noise(own * 62.);
  vec2 relief = vec2(noise((own + e) * 62.) - fine, noise((own + e.yxy) * 62.) - fine);
  float pore = noise(own * 150.);
  relief += .8 * face * vec2(noise((own + e * .5) * 150.) - pore,
                             noise((own + e.yxy * .5) * 150.) - pore);
  relief = mix(relief, 3.5 * vec2(strand - .5, .4 * (noise(own * 70.) - .5)), hairy);
  relief = mix(relief, .8 * relief, cloth);
  float shine = mix(.30, .60, lip) * (.6 + .7 * noise(own * 100.));
  shine *= mix(1., 1.5, bell(vec3(0., 7.6, 1.4), vec3(.4, .3, .5)))
    * mix(1., .35, hairy) * (1. - cloth) * (1. - .6 * brow_mask);
  float dry = max(cloth, hairy);
  colour_out = vec4(sqrt(clamp(c, 0., 1.)), max(open, .05));
  relief_out = vec4(.5 + .5 * clamp(relief, -1., 1.), clamp(shine, 0., 1.), dry);
}
