// which triangle this is, from 1 on, in red, green and blue
out vec4 colour;
void main() {
  int number = gl_PrimitiveID + 1;
  colour = vec4(number & 255, (number >> 8) & 255, number >> 16, 255) / 255.;
}
