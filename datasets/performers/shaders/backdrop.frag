in vec2 p;
out vec4 colour;
uniform sampler2D picture;
void main() { colour = vec4(texture(picture, p).rgb, 1.); }
