"""How far a texture is from what it should be."""

from typing import Any

EDGE_SHARE = 1.0
"""Weight of the difference of edges beside the difference of pixels."""
STRUCTURE_SHARE = 0.25
WINDOW, STEP = 8, 4
LUMINANCE_FLOOR, STRUCTURE_FLOOR = 1e-2, 9e-2


def texture_loss(target: Any, made: Any) -> Any:
    """Return a scalar: weighted differences of pixels, of edges and of structure.

    ``target`` is (n, h, w, 4): colour, and last the weight of each texel; ``made`` is
    (n, h, w, 3). Structure is 1 - SSIM over windows of 8 texels (Wang et al. 2004,
    equation 13). Keras tensors of any backend.
    """
    from keras import ops

    wanted, weight = target[..., :3], target[..., 3:]
    made = ops.cast(made, "float32")
    apart = made - wanted
    count = ops.sum(weight) * 3 + 1e-3
    pixels = ops.sum(ops.abs(apart) * weight) / count
    across = ops.abs(apart[:, :, 1:] - apart[:, :, :-1]) * weight[:, :, 1:]
    down = ops.abs(apart[:, 1:] - apart[:, :-1]) * weight[:, 1:]
    edges = (ops.sum(across) + ops.sum(down)) / count
    structure = _unlike(wanted, made, weight)
    return pixels + EDGE_SHARE * edges + STRUCTURE_SHARE * structure


def _unlike(wanted: Any, made: Any, weight: Any) -> Any:
    from keras import ops

    def around(x: Any) -> Any:
        return ops.average_pool(x, WINDOW, STEP, padding="valid")

    mean_a, mean_b = around(wanted), around(made)
    spread_a = around(wanted * wanted) - mean_a * mean_a
    spread_b = around(made * made) - mean_b * mean_b
    shared = around(wanted * made) - mean_a * mean_b
    light = (2 * mean_a * mean_b + LUMINANCE_FLOOR) / (
        mean_a * mean_a + mean_b * mean_b + LUMINANCE_FLOOR
    )
    like = (
        light * (2 * shared + STRUCTURE_FLOOR) / (spread_a + spread_b + STRUCTURE_FLOOR)
    )
    share = around(weight)
    return ops.sum((1 - like) * share) / (ops.sum(share) * 3 + 1e-3)
