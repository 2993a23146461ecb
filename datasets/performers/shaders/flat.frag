in vec3 at, facing;
in vec2 where;
out vec4 colour;
uniform vec4 tint;
void main() { colour = tint; }
