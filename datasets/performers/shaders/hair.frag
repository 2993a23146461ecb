in vec3 made;
out vec4 colour;
void main() { colour = vec4(shown(made), 1.); }
