in vec3 at, facing;
in vec2 where;
out vec4 colour;
uniform vec4 tint;
uniform float deep;
void main() { colour = vec4(tint.rgb, tint.a * mix(1., where.x, deep)); }
