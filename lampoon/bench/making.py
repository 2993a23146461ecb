"""Training and converting, each beside what the same machine could do at most."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lampoon.bench.clock import ratio, timed
from lampoon.demo import DemoFiles, prepare
from lampoon.generate.convert import Converter
from lampoon.generate.finish import finish
from lampoon.generate.job import Preset, SwapJob, load_job
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


def train_figures(preset: Preset, bar: Bar) -> dict[str, Any]:
    """Return faces a second of a preset's training on the bundled performers.

    Beside it stands what the processor multiplies: billions of multiply-adds a second
    in float32, measured in the same run.
    """
    with tempfile.TemporaryDirectory() as folder:
        job = _bundled(Path(folder))
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
        "matrix_gmacs_per_second": round(_multiply_adds() / 1e9, 1),
    }


def convert_figures(bar: Bar) -> dict[str, Any]:
    """Return frames a second from plate to signed clip, beside decode and encode alone.

    Ours is the whole way of the method ``mesh``: decode, swap, label, encode, sign.
    """
    with tempfile.TemporaryDirectory() as folder:
        job = _bundled(Path(folder), method="mesh")
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
        frames = ours.made.clip.frame_count
        plain = Path(folder) / "plain.mp4"
        limit = timed(
            lambda: write_clip(plain, _decoded(performer.clip), sound_from=None)
        )
    return {
        "bench": "convert",
        "method": "mesh",
        "frames": frames,
        "frames_per_second": round(frames / ours.seconds, 1),
        "cpu_seconds_per_frame": round(ours.cpu_seconds / frames, 4),
        "decode_encode_frames_per_second": round(frames / limit.seconds, 1),
        "decode_encode_ratio": ratio(limit.seconds, ours.seconds),
    }


def _bundled(folder: Path, method: str = "autoencoder") -> SwapJob:
    files = DemoFiles(folder)
    prepare(files)
    text = files.project.read_text(encoding="utf-8")
    files.project.write_text(text.replace('"autoencoder"', f'"{method}"'), "utf-8")
    return load_job(files.project)


def _decoded(clip: Path) -> Iterator[Frame]:
    for frame in read_frames(clip):
        yield frame.with_rgb(frame.rgb)


def _multiply_adds() -> float:
    random = np.random.default_rng(0)
    left = random.random((MATRIX, MATRIX), dtype=np.float32)
    np.matmul(left, left)
    rounds = 10
    run = timed(lambda: [np.matmul(left, left) for _ in range(rounds)])
    return rounds * MATRIX**3 / run.seconds
