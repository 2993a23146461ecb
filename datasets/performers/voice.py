"""Speech: words into sound, with the moment of every phoneme."""

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.espeak import EXIT_MISSING
from lampoon.datasets.performers.person import Voice
from lampoon.errors import LampoonError

LIMIT_SECONDS = 120
FIRST_PAUSE, PAUSES = 0.5, (0.35, 0.9)
PEAK = 0.7
FADE_SECONDS = 0.08
NEEDS = "on Debian: apt-get install espeak-ng"

SENTENCES = (
    "Good evening. This clip was made by a computer.",
    "The person in it has never existed.",
    "Please put the big map back before breakfast.",
    "My brother bought a boat, and nobody believes him.",
    "The weather tomorrow will be mild, with some rain in the west.",
    "Peter brought apples, pears and a pound of plums.",
    "Every blink is written down in a small file next to the film.",
    "We have four weeks, five people and very little money.",
    "Most problems become simpler when somebody names them.",
    "Look over there, the moon is above the roof.",
    "I would rather walk home than wait for another bus.",
    "Thank you for watching, and please check the numbers yourself.",
)


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One sound of speech, in espeak-ng's own notation; ``_`` is silence."""

    name: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """``samples`` (n,) float32, -1 to 1, one channel; phonemes in order of time."""

    samples: npt.NDArray[np.float32]
    rate: int
    phonemes: tuple[Phoneme, ...]


def speech(
    voice: Voice,
    seconds: float,
    random: np.random.Generator,
    *,
    sentences: Sequence[str] = SENTENCES,
) -> Speech:
    """Return sentences in random order, with pauses, to the length wanted.

    Raises LampoonError naming the Debian package where espeak-ng is missing, and for
    a voice that it does not know.
    """
    spoken, rate = _spoken(voice, list(sentences))
    sound = np.zeros(round(seconds * rate), dtype=np.float32)
    phonemes: list[Phoneme] = []
    start = FIRST_PAUSE
    order: list[int] = []
    while start < seconds - FIRST_PAUSE:
        order = order or [int(k) for k in random.permutation(len(spoken))]
        samples, sounds = spoken[order.pop()]
        first = round(start * rate)
        part = samples[: max(len(sound) - first, 0)]
        sound[first : first + len(part)] += part
        phonemes += [
            Phoneme(one.name, one.start_seconds + start, one.end_seconds + start)
            for one in sounds
        ]
        start += len(samples) / rate + float(random.uniform(*PAUSES))
    sound *= PEAK / max(float(np.abs(sound).max(initial=0.0)), 1e-6)
    fade = min(round(FADE_SECONDS * rate), len(sound))
    sound[len(sound) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    kept = tuple(one for one in phonemes if one.start_seconds < seconds)
    return Speech(sound, rate, kept)


def silence(seconds: float, rate: int = 22050) -> Speech:
    """Return a take's sound when nobody speaks: a whisper of room noise."""
    noise = np.random.default_rng(5).normal(0, 0.0008, round(seconds * rate))
    return Speech(noise.astype(np.float32), rate, ())


def write_sound(path: Path, sound: Speech) -> None:
    """Write the sound as 16-bit samples in a QuickTime file, which media can read."""
    coded = np.round(np.clip(sound.samples, -1, 1) * 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(coded[None], format="s16", layout="mono")
    frame.sample_rate = sound.rate
    with av.open(str(path), "w", format="mov") as output:
        stream = output.add_stream("pcm_s16le", rate=sound.rate)
        stream.layout = "mono"
        for packet in (*stream.encode(frame), *stream.encode(None)):
            output.mux(packet)


def probe_speech() -> str:
    """Return what speaks here; raises LampoonError where nothing does."""
    spoken, rate = _spoken(Voice(), ["Yes."])
    return f"espeak-ng, {len(spoken[0][1])} phonemes at {rate} Hz"


_Spoken = tuple[npt.NDArray[np.float32], tuple[Phoneme, ...]]


def _spoken(voice: Voice, sentences: list[str]) -> tuple[list[_Spoken], int]:
    """Return each sentence's samples and phonemes, and the samples a second."""
    asked = {
        "voice": voice.name,
        "words_per_minute": voice.words_per_minute,
        "pitch": voice.pitch,
        "sentences": sentences,
    }
    program = [sys.executable, "-P", "-m", "lampoon.datasets.performers.espeak"]
    try:
        run = subprocess.run(
            program,
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LampoonError("espeak-ng does not answer", hint=NEEDS) from error
    if run.returncode == EXIT_MISSING:
        raise LampoonError("espeak-ng is not installed", hint=NEEDS)
    if run.returncode != 0:
        raise LampoonError(f"espeak-ng failed: {run.stderr.strip()[-200:]}", hint=NEEDS)
    answer = json.loads(run.stdout)
    rate = int(answer["rate"])
    return [_sentence(each, rate) for each in answer["sentences"]], rate


def _sentence(told: dict[str, object], rate: int) -> _Spoken:
    raw = base64.b64decode(str(told["samples"]))
    samples = np.frombuffer(raw, "<i2").astype(np.float32) / np.float32(32768)
    marks = told["phonemes"]
    assert isinstance(marks, list)
    ends = [mark[0] for mark in marks[1:]] + [len(samples)]
    phonemes = tuple(
        Phoneme(str(name), start / rate, end / rate)
        for (start, name), end in zip(marks, ends, strict=True)
    )
    return samples, phonemes
