"""One take: what a performer does, for how long, in which light and picture."""

from dataclasses import asdict
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from lampoon.datasets.performers.blinks import Context
from lampoon.datasets.performers.scene import Camera, Light
from lampoon.settings import STRICT

SMALLEST, LARGEST = 64, 3840


class Blinking(StrEnum):
    """Which blinks a take shows."""

    HUMAN = "human"
    NONE = "none"


class Occluder(StrEnum):
    """What comes before the face."""

    NOTHING = "nothing"
    MICROPHONE = "microphone"
    HAND = "hand"
    HAIR = "hair"


@dataclass(frozen=True, config=STRICT)
class Take:
    """What is filmed. Sizes are pixels and even; ``rate`` is frames a second.

    ``shutter`` is the share of a frame's time in which the camera gathers light: 0
    for none of the blur that movement makes. ``noise`` is the sensor's, in levels of
    255. ``blink_seconds`` gives the starts of complete blinks, instead of drawn ones.
    ``distance`` is how far off the face is: 1 fills about two thirds of the height.
    """

    context: Context = Context.SPEECH
    seconds: Annotated[float, Field(ge=0.2, le=3600)] = 10.0
    rate: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,6}(/[1-9][0-9]{0,6})?$")] = "25"
    width: Annotated[int, Field(ge=SMALLEST, le=LARGEST, multiple_of=2)] = 640
    height: Annotated[int, Field(ge=SMALLEST, le=LARGEST, multiple_of=2)] = 360
    light: Light = Light.STUDIO
    camera: Camera = Camera.TRIPOD
    occluder: Occluder = Occluder.NOTHING
    blinking: Blinking = Blinking.HUMAN
    blink_seconds: tuple[float, ...] | None = None
    squints: bool = True
    looks_down: bool = True
    largest_yaw: Annotated[float, Field(ge=0, le=60)] = 22.0
    shutter: Annotated[float, Field(ge=0, le=1)] = 0.0
    noise: Annotated[float, Field(ge=0, le=30)] = 1.3
    distance: Annotated[float, Field(ge=0.5, le=6)] = 1.0
    seed: Annotated[int, Field(ge=0)] = 0

    @property
    def exact_rate(self) -> Fraction:
        """Frames a second."""
        return Fraction(self.rate)

    @property
    def frame_count(self) -> int:
        """How many frames there are."""
        return max(round(self.seconds * self.exact_rate), 1)


def take_json(take: Take) -> dict[str, Any]:
    """Return the take as plain values."""
    return asdict(take)
