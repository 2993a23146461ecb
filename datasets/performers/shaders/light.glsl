uniform vec3 camera, key_from, key, fill_from, fill, rim_from, rim, around;

vec3 wrapped(vec3 normal, vec3 from, vec3 light, vec3 warmth) {
  vec3 w = 1. + warmth;
  return light * clamp((dot(normal, from) + warmth) / (w * w), 0., 1.);
}
float gloss(vec3 normal, vec3 view, vec3 from, float power) {
  vec3 middle = normalize(from + view);
  float edge = 1. - max(dot(middle, view), 0.);
  float squared = edge * edge;
  float mirror = .04 + .96 * squared * squared * edge;
  float sharp = exp2(power * (max(dot(normal, middle), 0.) - 1.) * 1.4427);
  return mirror * sharp * max(dot(normal, from), 0.) * (power + 2.);
}
vec3 lit(vec3 colour, vec3 normal, vec3 view, float power, float shine, vec3 warmth,
         float open, float from_behind) {
  vec3 light = around * (.65 + .35 * normal.y)
    + wrapped(normal, key_from, key, warmth)
    + wrapped(normal, fill_from, fill, warmth)
    + from_behind * wrapped(normal, rim_from, rim, warmth);
  float bright = gloss(normal, view, key_from, power);
  float behind = from_behind * gloss(normal, view, rim_from, power);
  return open * (colour * light + shine * (bright * key + behind * rim));
}
vec3 shown(vec3 c) {
  c *= 1.05;
  c = clamp((c * (2.51 * c + .03)) / (c * (2.43 * c + .59) + .14), 0., 1.);
  vec3 root = sqrt(c);
  return mix(root, sqrt(root), .12);  // close to the power of 1 / 2.2
}
