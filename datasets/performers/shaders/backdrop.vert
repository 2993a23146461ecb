in vec2 corner;
out vec2 p;
uniform vec2 shift;
void main() { p = corner * .47 + .5 + shift; gl_Position = vec4(corner, .9999, 1); }
