"""A network of faceswap's family, small enough for tests."""

from lampoon.generate.models.blocks import AlignedNetwork, Layout, build

TINY = Layout(encoder=(4, 6), bottleneck=8, grid=6, middle=8, decoder=(6, 5, 4))


def tiny_network(name: str = "tiny") -> AlignedNetwork:
    """A fresh network with a thousandth of the weights."""
    import keras

    keras.utils.set_random_seed(3)
    return build(name, TINY)
