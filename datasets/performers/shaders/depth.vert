uniform mat4 view;
in vec3 place;
void main() { gl_Position = view * vec4(place, 1); }
