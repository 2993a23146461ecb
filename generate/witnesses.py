"""Who looks on at a training, as a project asks."""

from pathlib import Path

from lampoon.generate.job import TrainingSettings
from lampoon.generate.train.plot import LossPlot
from lampoon.generate.train.tensorboard import TensorBoardLog
from lampoon.generate.train.timelapse import Timelapse
from lampoon.generate.train.witness import Witness


def witnesses_of(settings: TrainingSettings, folder: Path) -> tuple[Witness, ...]:
    """Return the witnesses of a training in ``folder``: the plot, and what is asked."""
    made: list[Witness] = [LossPlot(folder)]
    if settings.tensorboard:
        made.append(TensorBoardLog(folder))
    if settings.timelapse_every:
        made.append(Timelapse(folder, every=settings.timelapse_every))
    return tuple(made)
