"""Those who look on while a network is trained. They see labelled pictures only."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from lampoon.generate.train.snapshots import Reached


class Witness(Protocol):
    """Someone who is told of a training and keeps what it likes of that."""

    def opened(self, reached: Reached) -> None:
        """Drop all that was kept of steps beyond ``reached``: they were lost."""
        ...

    def learnt(self, reached: Reached, loss: float) -> None:
        """Take the loss of one step; this is called at each."""
        ...

    def wants_to_see(self, reached: Reached) -> bool:
        """Return whether a preview should be drawn now, not only when one is due."""
        ...

    def shown(self, reached: Reached, labelled: npt.NDArray[np.uint8]) -> None:
        """Take a preview, (h, w, 3) uint8 RGB, with the label in it."""
        ...

    def close(self) -> None:
        """Finish what was kept: the session is over, however it ended."""
        ...
