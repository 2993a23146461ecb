"""A training's losses and labelled previews as TensorBoard reads them."""

import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import MissingExtraError
from lampoon.generate.train.snapshots import Reached

FOLDER = "tensorboard"
_SESSION = "from-"


class TensorBoardLog:
    """Events in ``tensorboard/from-00000250``, a folder for each session.

    TensorFlow writes them, whatever backend Keras trains on.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._writer: Any = None

    def opened(self, reached: Reached) -> None:
        """Begin a session; those that began later are lost, and dropped."""
        name = f"{_SESSION}{reached.iterations:08d}"
        for old in self._folder.glob(f"{_SESSION}*"):
            if old.name >= name:
                shutil.rmtree(old, ignore_errors=True)
        self.close()
        path = str(self._folder / name)
        self._writer = _tensorflow().summary.create_file_writer(path)

    def learnt(self, reached: Reached, loss: float) -> None:
        """Write the loss of a step."""
        self._write(reached, {"tag": "loss", "simple_value": loss})

    def wants_to_see(self, reached: Reached) -> bool:
        """Be content with the previews that are due."""
        return False

    def shown(self, reached: Reached, labelled: npt.NDArray[np.uint8]) -> None:
        """Write a labelled preview and the rate so far."""
        _, png = cv2.imencode(".png", cv2.cvtColor(labelled, cv2.COLOR_RGB2BGR))
        height, width = labelled.shape[:2]
        picture = {
            "height": height,
            "width": width,
            "colorspace": 3,
            "encoded_image_string": png.tobytes(),
        }
        self._write(reached, {"tag": "preview", "image": picture})
        if reached.seconds > 0:
            rate = reached.iterations / reached.seconds
            self._write(reached, {"tag": "steps a second", "simple_value": rate})
        self._writer.flush()

    def close(self) -> None:
        """Put all events on the disk."""
        if self._writer is not None:
            self._writer.close()

    def _write(self, reached: Reached, value: dict[str, Any]) -> None:
        """Write one value in the form that needs no package but TensorFlow."""
        tensorflow = _tensorflow()
        summary = tensorflow.compat.v1.Summary(value=[value])
        with self._writer.as_default(step=reached.iterations):
            tensorflow.summary.experimental.write_raw_pb(summary.SerializeToString())


def _tensorflow() -> Any:
    """Return TensorFlow; raises MissingExtraError without it."""
    try:
        import tensorflow
    except ImportError as error:
        raise MissingExtraError("tensorflow", "generate") from error
    return tensorflow
