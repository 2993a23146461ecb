"""What a training leaves for people to see: always with the label."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from lampoon.generate.train.loop import Budget, Clocks, train
from lampoon.generate.train.plot import LossPlot
from lampoon.generate.train.snapshots import Reached
from lampoon.generate.train.tensorboard import TensorBoardLog
from lampoon.generate.train.timelapse import Timelapse
from lampoon.watermark.label.draw import label_still
from lampoon.watermark.label.find import SEEN_CORRELATION, label_correlation
from lampoon.watermark.label.presets import LabelPreset
from tests.support.training import Clock, Walker


def picture(path: Path) -> npt.NDArray[np.uint8]:
    shown = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    assert shown is not None
    return shown.astype(np.uint8)


def sheets(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "timelapse").iterdir())


def test_a_timelapse_keeps_a_labelled_sheet_every_so_many_steps(
    tmp_path: Path,
) -> None:
    lapse = Timelapse(tmp_path, every=4)

    train(Walker(), tmp_path, budget=Budget(iterations=9), witnesses=[lapse])

    assert sheets(tmp_path) == ["step-00000004.png", "step-00000008.png"]
    for name in sheets(tmp_path):
        kept = picture(tmp_path / "timelapse" / name)
        np.testing.assert_array_equal(kept, label_still(Walker().preview()))


def test_a_timelapse_is_joined_with_the_label_in_every_picture(tmp_path: Path) -> None:
    lapse = Timelapse(tmp_path, every=2)
    chance = np.random.default_rng(0)
    lapse.opened(Reached())
    for step in (2, 4, 6):
        noise = chance.integers(0, 255, (360, 640, 3)).astype(np.uint8)
        lapse.shown(Reached(step), label_still(noise))
    lapse.close()

    with Image.open(tmp_path / "timelapse.webp") as joined:
        assert getattr(joined, "n_frames", 1) == 3
        for place in range(3):
            joined.seek(place)
            shown = np.asarray(joined.convert("RGB"))
            seen = label_correlation(shown, LabelPreset.EU_FULL)
            assert seen >= SEEN_CORRELATION


def test_sheets_of_lost_steps_are_dropped(tmp_path: Path) -> None:
    lapse = Timelapse(tmp_path, every=2)
    lapse.opened(Reached())
    for step in (2, 4, 6):
        lapse.shown(Reached(step), label_still(Walker().preview()))

    lapse.opened(Reached(4))

    assert sheets(tmp_path) == ["step-00000002.png", "step-00000004.png"]


def test_a_timelapse_of_no_steps_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="every step at most"):
        Timelapse(tmp_path, every=0)


def test_the_losses_are_drawn(tmp_path: Path) -> None:
    clocks = Clocks(seconds=Clock(0.7))

    train(
        Walker(),
        tmp_path,
        budget=Budget(iterations=12),
        clocks=clocks,
        witnesses=[LossPlot(tmp_path)],
    )

    drawn = picture(tmp_path / "loss.png")
    assert drawn.shape == (400, 800, 3)
    assert (drawn < 128).any()


def test_an_interrupted_training_closes_its_witnesses(tmp_path: Path) -> None:
    class Interrupted(Walker):
        def step(self, progress: float) -> float:
            if self.taken == 5:
                raise RuntimeError("the device is gone")
            return super().step(progress)

    with pytest.raises(RuntimeError):
        train(
            Interrupted(),
            tmp_path,
            budget=Budget(iterations=9),
            witnesses=[Timelapse(tmp_path, every=2)],
        )

    assert (tmp_path / "timelapse.webp").is_file()


@pytest.mark.slow
def test_tensorboard_gets_losses_and_labelled_previews_only(tmp_path: Path) -> None:
    import tensorflow as tf

    log, walker = TensorBoardLog(tmp_path), Walker()
    train(walker, tmp_path, budget=Budget(iterations=6), witnesses=[log])

    (events,) = (tmp_path / "tensorboard" / "from-00000000").glob("events.*")
    losses, pictures = [], []
    for raw in tf.data.TFRecordDataset(str(events)):
        event = tf.compat.v1.Event.FromString(raw.numpy())
        for value in event.summary.value:
            if value.tag == "loss":
                losses.append((event.step, value.simple_value))
            if value.tag == "preview":
                png = value.image.encoded_image_string
                pictures.append(tf.io.decode_png(png).numpy())
    assert [step for step, _ in losses] == [1, 2, 3, 4, 5, 6]
    assert losses[-1][1] == pytest.approx(walker.place**2)
    assert len(pictures) == 1
    np.testing.assert_array_equal(pictures[0], label_still(Walker().preview()))


@pytest.mark.slow
def test_a_resumed_training_drops_the_events_of_lost_sessions(tmp_path: Path) -> None:
    for first in (0, 250, 500):
        log = TensorBoardLog(tmp_path)
        log.opened(Reached(first))
        log.learnt(Reached(first + 1), 0.5)
        log.close()

    log = TensorBoardLog(tmp_path)
    log.opened(Reached(250))
    log.close()

    kept = sorted(path.name for path in (tmp_path / "tensorboard").iterdir())
    assert kept == ["from-00000000", "from-00000250"]
