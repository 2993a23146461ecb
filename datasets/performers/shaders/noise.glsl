float grain(vec3 p) {
  p = fract(p * .3183099 + vec3(.1, .2, .3)) * 17.;
  return fract(p.x * p.y * p.z * (p.x + p.y + p.z));
}
float noise(vec3 x) {
  vec3 i = floor(x), f = fract(x);
  f = f * f * (3. - 2. * f);
  return mix(
    mix(mix(grain(i), grain(i + vec3(1, 0, 0)), f.x),
        mix(grain(i + vec3(0, 1, 0)), grain(i + vec3(1, 1, 0)), f.x), f.y),
    mix(mix(grain(i + vec3(0, 0, 1)), grain(i + vec3(1, 0, 1)), f.x),
        mix(grain(i + vec3(0, 1, 1)), grain(i + vec3(1, 1, 1)), f.x), f.y), f.z);
}
float cloud(vec3 p) {
  return .5 * noise(p) + .25 * noise(p * 2.03) + .125 * noise(p * 4.1)
    + .0625 * noise(p * 8.3);
}
