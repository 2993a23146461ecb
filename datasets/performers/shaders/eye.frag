in vec3 at, facing;
in vec2 where;
out vec4 colour;
uniform vec3 middle, gaze, iris, up;
uniform float shut, sky;
uniform vec3 reached;  // of the key light
void main() {
  vec3 d = normalize(at - middle), view = normalize(camera - at);
  float angle = acos(clamp(dot(d, gaze), -1., 1.));
  vec3 across = normalize(cross(up, gaze)), along = cross(gaze, across);
  float turn = atan(dot(d, along), dot(d, across));
  vec3 white = vec3(.50, .465, .44) * (.95 + .08 * noise(d * 12.));
  float vein = smoothstep(.62, .80, noise(vec3(turn * 6., angle * 9., 2.)));
  white = mix(white, vec3(.75, .40, .36), smoothstep(.55, 1.25, angle) * .5
    + .10 * vein * smoothstep(.55, .8, angle));
  float rays = noise(vec3(cos(turn) * 9., sin(turn) * 9., angle * 5.)) * .6
    + noise(vec3(cos(turn) * 26., sin(turn) * 26., angle * 9.)) * .4;
  vec3 ring = iris * (.40 + 1.15 * rays) * mix(1.35, .30, smoothstep(.28, .50, angle));
  // the light that a cornea gathers opposite the lamp
  ring *= 1. + .7 * smoothstep(-.15, .35, dot(d - gaze, -key_from));
  vec3 c = mix(ring, white, smoothstep(.45, .51, angle));
  c = mix(vec3(.004), c, smoothstep(.175, .215, angle));
  float high = dot(d, up);
  float open = mix(1., .26, smoothstep(-.14 - .5 * shut, .60 - .7 * shut, high))
    * mix(1., .75, smoothstep(-.2, -.7, high)) * mix(1., .5, smoothstep(.6, 1.2, angle));
  // the lids' own shade rounds the ball: darker where it meets them
  float rim_shade = smoothstep(1.15, .25, angle);
  vec3 flat_light = around * sky * 1.1 + wrapped(d, key_from, key, vec3(.25)) * reached
    + wrapped(d, fill_from, fill, vec3(.25)) * sky;
  vec3 result = c * flat_light * open * mix(.55, 1., rim_shade);
  vec3 wet = normalize(mix(d, gaze, .25 * smoothstep(.6, .2, angle)));
  float lidded = mix(1., .25, smoothstep(.25, .6, high));
  float spot = max(dot(wet, normalize(key_from + view)), 0.);
  float second = max(dot(wet, normalize(fill_from + view)), 0.);
  result += lidded * (key * reached * (smoothstep(.9968, .9985, spot) * .9 + exp2(500. * (spot - 1.)) * .5)
    + fill * (smoothstep(.9975, .9990, second) * .5 + exp2(400. * (second - 1.)) * .5)
    + around * sky * .16 * smoothstep(.3, .9, wet.y) * (1. - smoothstep(.2, .6, high)));
  colour = vec4(shown(result), 1.);
}
