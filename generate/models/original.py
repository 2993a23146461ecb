"""faceswap's ``original``: where everyone started, 82,062,470 weights."""

from lampoon.generate.models.blocks import AlignedNetwork, Architecture, Layout, build

LAYOUT = Layout(
    encoder=(128, 256, 512, 1024),
    bottleneck=1024,
    grid=1024,
    middle=512,
    decoder=(256, 128, 64),
)


def build_original() -> AlignedNetwork:
    """Return a fresh ``original`` network (keras; 328 MB of float32)."""
    return build(Architecture.ORIGINAL, LAYOUT)
