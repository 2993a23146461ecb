"""espeak-ng, spoken into arrays with the moment of every phoneme.

Run as a program in a process of its own: the library keeps state, can be started
only once, and draws from a random source that a fresh process starts anew, so the
same words always sound the same. It reads JSON on standard input, writes JSON.
"""

import base64
import ctypes
import json
import sys
from ctypes import POINTER, c_char, c_char_p, c_int, c_short, c_uint, c_void_p
from typing import Any

LIBRARY = "libespeak-ng.so.1"
SYNCHRONOUS = 2
PHONEME_EVENTS = 1
PHONEME = 7
UTF8 = 1
RATE, PITCH = 1, 3
EXIT_MISSING = 3


class _Id(ctypes.Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("string", c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", c_int),
        ("unique", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position", c_int),
        ("sample", c_int),
        ("user", c_void_p),
        ("id", _Id),
    )


def speak(library: Any, sentences: list[str], asked: dict[str, Any]) -> dict[str, Any]:
    """Return the sample rate and, for each sentence, samples and phonemes."""
    rate = int(library.espeak_Initialize(SYNCHRONOUS, 0, None, PHONEME_EVENTS))
    if rate <= 0 or library.espeak_SetVoiceByName(asked["voice"].encode()) != 0:
        raise ValueError(f"there is no voice {asked['voice']!r}")
    library.espeak_SetParameter(RATE, int(asked["words_per_minute"]), 0)
    library.espeak_SetParameter(PITCH, int(asked["pitch"]), 0)
    sound = bytearray()
    phonemes: list[tuple[int, str]] = []

    def heard(wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            sound.extend(ctypes.string_at(wave, 2 * count))
        place = 0
        while events[place].type != 0:
            event = events[place]
            if event.type == PHONEME:
                name = bytes(event.id.string).decode("utf-8", "replace")
                phonemes.append((int(event.sample), name))
            place += 1
        return 0

    kind = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))
    callback = kind(heard)
    library.espeak_SetSynthCallback(callback)
    spoken = []
    for sentence in sentences:
        sound.clear()
        phonemes.clear()
        text = sentence.encode()
        library.espeak_Synth(text, len(text) + 1, 0, 0, 0, UTF8, None, None)
        library.espeak_Synchronize()
        encoded = base64.b64encode(bytes(sound)).decode()
        spoken.append({"samples": encoded, "phonemes": list(phonemes)})
    return {"rate": rate, "sentences": spoken}


def main() -> int:
    """Speak what standard input asks for; exit 3 where the library is missing."""
    asked = json.load(sys.stdin)
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_MISSING
    try:
        answer = speak(library, asked["sentences"], asked)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
