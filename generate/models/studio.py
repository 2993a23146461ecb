"""The preset ``studio``: 128 to 256 pixels, for a GPU; keras and keras.ops only.

One encoder and one decoder for both people, and two inter blocks between them: a
common one that sees both, and the performer's own. The donor is decoded from the
common code alone, so a performer without the own code comes out as the donor, in the
performer's pose. The decoder draws the face's mask beside its picture.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from lampoon.generate.models.blocks import SLOPE, strided, upscaled
from lampoon.generate.models.device import Precision, calculating_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

LEAST_SIDE, MOST_SIDE, STEP = 128, 256, 32
DOWNS = 4
"""Halvings by the encoder; the codes' grid is half as wide again."""


@dataclass(frozen=True, slots=True)
class StudioShape:
    """Sizes: the picture's side, the first convolution's width, the code's length.

    Raises ValueError for a side that is no multiple of 32 or beyond 256.
    """

    side: int = 192
    width: int = 64
    code: int = 256

    def __post_init__(self) -> None:
        """Refuse sides that the halvings do not divide."""
        if self.side % STEP or not STEP <= self.side <= MOST_SIDE:
            raise ValueError(f"side is a multiple of {STEP}, at most {MOST_SIDE}")
        if self.width < 1 or self.code < 1:
            raise ValueError("width and code count from 1")

    def as_plain(self) -> dict[str, int]:
        """Return the sizes as JSON values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Return what ``as_plain`` gave; raises TypeError or ValueError for others."""
        return cls(**{name: int(value) for name, value in plain.items()})


@dataclass(frozen=True, slots=True, eq=False)
class StudioNetwork:
    """The four parts; pictures are (n, side, side, 3) float32 BGR, 0 to 1."""

    shape: StudioShape
    encoder: Any
    common: Any
    own: Any
    decoder: Any

    def performer(self, pictures: Any) -> Any:
        """Return performer's pictures drawn again, (n, side, side, 4): mask last."""
        from keras import ops

        seen = self.encoder(pictures)
        return self.decoder(ops.concatenate([self.own(seen), self.common(seen)], -1))

    def donor(self, pictures: Any) -> Any:
        """Return pictures drawn as the donor, (n, side, side, 4): mask last.

        The donor's own again, or the performer's swapped.
        """
        from keras import ops

        common = self.common(self.encoder(pictures))
        return self.decoder(ops.concatenate([common, common], -1))

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return every weight under the name of its part and its place there."""
        return {
            f"{part.name}_{place:03}": weight
            for part in self._parts()
            for place, weight in enumerate(part.get_weights())
        }

    def set_weights(self, stored: Mapping[str, Any]) -> None:
        """Take what ``weights`` gave; KeyError or ValueError if it does not fit."""
        for part in self._parts():
            names = [f"{part.name}_{k:03}" for k in range(len(part.weights))]
            part.set_weights([stored[name] for name in names])

    def _parts(self) -> tuple[Any, ...]:
        return self.encoder, self.common, self.own, self.decoder


def build_studio(
    shape: StudioShape | None = None, precision: Precision = Precision.FULL
) -> StudioNetwork:
    """Return a fresh network that calculates in ``precision``."""
    shape = shape or StudioShape()
    with calculating_in(precision):
        return StudioNetwork(
            shape,
            _encoder(shape),
            _inter(shape, "common"),
            _inter(shape, "own"),
            _decoder(shape),
        )


def _encoder(shape: StudioShape) -> Any:
    import keras
    from keras import layers

    inputs = keras.Input((shape.side, shape.side, 3))
    flow = inputs
    for down in range(DOWNS):
        flow = strided(flow, shape.width * 2**down, f"down_{down}")
    flow = layers.Flatten(name="flatten")(flow)
    # in half precision a sum of so many squares would overflow
    flow = layers.UnitNormalization(name="unit", dtype="float32")(flow)
    return keras.Model(inputs, flow, name="encoder")


def _inter(shape: StudioShape, name: str) -> Any:
    """Return a block from what the encoder saw to a code with a place in the face."""
    import keras
    from keras import layers

    cells = shape.side // 2**DOWNS
    grid, wide = cells // 2, 4 * shape.width
    inputs = keras.Input((cells * cells * shape.width * 2 ** (DOWNS - 1),))
    flow = layers.Dense(shape.code, name="code")(inputs)
    flow = layers.Dense(grid * grid * wide, name="spread")(flow)
    flow = layers.Reshape((grid, grid, wide), name="places")(flow)
    return keras.Model(inputs, upscaled(flow, wide, "up"), name=f"inter_{name}")


def _decoder(shape: StudioShape) -> Any:
    """Return the decoder: (cells, cells, 2 codes) to picture and mask."""
    import keras
    from keras import layers

    cells = shape.side // 2**DOWNS
    inputs = keras.Input((cells, cells, 8 * shape.width))
    flow, mask = inputs, inputs
    for up in range(DOWNS):
        wide = max(8 * shape.width // 2**up, 4)
        flow = _residual(upscaled(flow, wide, f"up_{up}"), wide, f"more_{up}")
        mask = upscaled(mask, max(wide // 4, 2), f"mask_{up}")
    picture = layers.Conv2D(3, 1, padding="same", name="picture")(flow)
    shown = layers.Conv2D(1, 1, padding="same", name="mask")(mask)
    both = layers.Concatenate(name="both")([picture, shown])
    made = layers.Activation("sigmoid", dtype="float32", name="made")(both)
    return keras.Model(inputs, made, name="decoder")


def _residual(inputs: Any, filters: int, name: str) -> Any:
    from keras import layers

    flow = layers.Conv2D(filters, 3, padding="same", name=f"{name}_first")(inputs)
    flow = layers.LeakyReLU(SLOPE, name=f"{name}_leaky")(flow)
    flow = layers.Conv2D(filters, 3, padding="same", name=f"{name}_second")(flow)
    flow = layers.Add(name=f"{name}_add")([flow, inputs])
    return layers.LeakyReLU(SLOPE, name=name)(flow)
