"""The losses of a training as a picture: ``loss.png`` beside the snapshots."""

from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.generate.train.history import History
from lampoon.generate.train.snapshots import Reached
from lampoon.generate.whole_file import replace_file

FILE_NAME = "loss.png"
SMOOTHED_OVER = 0.05
"""Share of the points that the heavy line is a running mean of."""


class LossPlot:
    """Draws the history anew with each preview, and at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def opened(self, reached: Reached) -> None:
        """Keep nothing of its own: the history is the memory."""

    def learnt(self, reached: Reached, loss: float) -> None:
        """Leave it to the history."""

    def wants_to_see(self, reached: Reached) -> bool:
        """Need no preview."""
        return False

    def shown(self, reached: Reached, labelled: npt.NDArray[np.uint8]) -> None:
        """Draw what was learnt so far."""
        self.close()

    def close(self) -> None:
        """Draw the plot, where there is something to draw."""
        points = History(self._folder).points()
        if len(points) > 1:
            picture = loss_plot(points)
            replace_file(self._folder / FILE_NAME, picture, durable=False)


def loss_plot(points: list[tuple[int, float]]) -> bytes:
    """Return a PNG of (iteration, loss) pairs, and their running mean."""
    from matplotlib.figure import Figure

    steps, losses = (np.array(each, float) for each in zip(*points, strict=True))
    figure = Figure(figsize=(8, 4), dpi=100, layout="constrained")
    axes = figure.subplots()
    axes.plot(steps, losses, color="#9bb8d3", linewidth=0.8, label="loss")
    window = max(1, round(SMOOTHED_OVER * len(losses)))
    mean = np.convolve(losses, np.ones(window) / window, "valid")
    axes.plot(steps[window - 1 :], mean, color="#1f4e79", label=f"mean of {window}")
    axes.set_xlabel("iteration")
    axes.set_ylabel("loss")
    if losses.min() > 0:
        axes.set_yscale("log")
    axes.grid(alpha=0.3)
    axes.legend()
    whole = BytesIO()
    figure.savefig(whole, format="png", metadata={"Software": None})
    return whole.getvalue()
