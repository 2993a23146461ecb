"""faceswap's ``lightweight``: 51,066,374 weights, yet more work a face."""

from lampoon.generate.models.blocks import AlignedNetwork, Architecture, Layout, build

LAYOUT = Layout(
    encoder=(128, 256, 512),
    bottleneck=512,
    grid=512,
    middle=256,
    decoder=(512, 256, 128),
)


def build_lightweight() -> AlignedNetwork:
    """Return a fresh ``lightweight`` network (keras; 204 MB of float32)."""
    return build(Architecture.LIGHTWEIGHT, LAYOUT)
