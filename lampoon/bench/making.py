"""Training and converting, each beside what the same machine could do at most."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from lampoon.bench.clock import ratio, timed
from lampoon.consent.record import Method
from lampoon.demo import DemoFiles, prepare
from lampoon.generate.convert import Converter
from lampoon.generate.finish import finish
from lampoon.generate.job import Preset, SwapJob, SwapSettings, load_job
from lampoon.generate.learn import learn, method_of
from lampoon.generate.pipeline import (
    agree,
    disclosure_of,
    follow_both,
    signer_of,
)
from lampoon.generate.trainees import trainee_of
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames
from lampoon.media.writer import write_clip
from lampoon.progress import Bar
from lampoon.watermark.registry import Registry

WARM_STEPS, STEPS = 3, 12
MATRIX = 1024
FRAMES_ENLARGED = 120


def train_figures(preset: Preset, bar: Bar) -> dict[str, Any]:
    """Return faces a second of a preset's training on the bundled performers.

    Beside it stands what the processor multiplies: billions of multiply-adds a second
    in float32, measured in the same run.
    """
    with tempfile.TemporaryDirectory() as folder:
        job = _bundled(Path(folder), Way.MESH)
        agree(job)
        trainee = trainee_of(preset, *follow_both(job, bar), bar)
        for step in range(WARM_STEPS):
            trainee.step(step / 1000)
        run = timed(lambda: [trainee.step(0.1) for _ in range(STEPS)])
    examples = STEPS * trainee.examples_per_step
    return {
        "bench": "train",
        "preset": preset.value,
        "examples_per_second": round(examples / run.seconds, 2),
        "examples_per_cpu_second": round(examples / run.cpu_seconds, 2),
        "matrix_gmacs_per_cpu_second": round(_multiply_adds() / 1e9, 1),
    }


class Way(StrEnum):
    """What swaps: the method without a model, or a preset's network."""

    MESH = "mesh"
    SKETCH = "sketch"
    LIGHTWEIGHT = "lightweight"
    ORIGINAL = "original"


def convert_figures(
    bar: Bar, way: Way = Way.MESH, *, height: int | None = None
) -> dict[str, Any]:
    """Return frames a second from plate to signed clip, beside decode and encode alone.

    Ours is the whole way: decode, swap, label, mark, encode, sign, register. A network
    is trained for a few steps only, which does not change how fast it swaps. With
    ``height`` the first frames of the plate are enlarged to so many pixels.
    """
    with tempfile.TemporaryDirectory() as folder:
        job = _bundled(Path(folder), way, height)
        agreed = agree(job)
        performer, donor = follow_both(job, bar)
        learned = learn(job, performer, donor, bar)
        method = method_of(job, learned)
        registry = Registry.at(Path(folder) / "registry.sqlite")
        ours = timed(
            lambda: finish(
                Converter(
                    performer.clip, performer.track, method, agreed.grant
                ).stretch,
                job.output.clip,
                origin=agreed.origin(registry),
                disclosure=disclosure_of(job, performer, learned),
                signer=signer_of(job),
            )
        )
        plain = Path(folder) / "plain.mp4"
        limit = timed(
            lambda: write_clip(plain, _decoded(performer.clip), sound_from=None)
        )
    clip = ours.made.clip
    return {
        "bench": "convert",
        "way": way.value,
        "height": clip.height,
        "frames": clip.frame_count,
        "frames_per_second": round(clip.frame_count / ours.seconds, 1),
        "frames_per_cpu_second": round(clip.frame_count / ours.cpu_seconds, 2),
        "decode_encode_frames_per_second": round(clip.frame_count / limit.seconds, 1),
        "decode_encode_ratio": ratio(limit.seconds, ours.seconds),
        "decode_encode_cpu_ratio": ratio(limit.cpu_seconds, ours.cpu_seconds),
    }


def _bundled(folder: Path, way: Way, height: int | None = None) -> SwapJob:
    """Return a job of the bundled performers, who consent to it."""
    files = DemoFiles(folder)
    prepare(files)
    job = load_job(files.project)
    method = Method.MESH if way is Way.MESH else Method.AUTOENCODER
    preset = Preset.SKETCH if way is Way.MESH else Preset(way.value)
    swap = SwapSettings(method, preset, training_iterations=WARM_STEPS)
    job = replace(job, swap=swap)
    if height is not None:
        plain = job.performer.footage.with_name("plain.mp4")
        job.performer.footage.rename(plain)
        write_clip(job.performer.footage, _enlarged(plain, height), sound_from=None)
    return job


def _enlarged(clip: Path, height: int) -> Iterator[Frame]:
    for frame in islice(read_frames(clip), FRAMES_ENLARGED):
        rows, columns = frame.rgb.shape[:2]
        width = round(columns * height / rows / 2) * 2
        made = cv2.resize(frame.rgb, (width, height), interpolation=cv2.INTER_CUBIC)
        yield frame.with_rgb(np.asarray(made, np.uint8))


def _decoded(clip: Path) -> Iterator[Frame]:
    for frame in read_frames(clip):
        yield frame.with_rgb(frame.rgb)


def _multiply_adds() -> float:
    random = np.random.default_rng(0)
    left = random.random((MATRIX, MATRIX), dtype=np.float32)
    np.matmul(left, left)
    rounds = 10
    run = timed(lambda: [np.matmul(left, left) for _ in range(rounds)])
    return rounds * MATRIX**3 / run.cpu_seconds
