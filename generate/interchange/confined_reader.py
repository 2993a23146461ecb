"""The child that reads strangers' files: ``python -m``, a request on standard input.

It says ``ready``, takes its own freedom away, and answers with lines of JSON and plain
bytes. It never imports Keras, never unpickles, and can write no file.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]  # noqa: F401  # mapped before the limits hold; it has no stubs

from lampoon.confined import Confines, confine_this_process
from lampoon.errors import LampoonError
from lampoon.generate.interchange.alignments import alignments_in, alignments_line
from lampoon.generate.interchange.asking import READY
from lampoon.generate.interchange.face_png import read_face
from lampoon.generate.interchange.transport import face_line
from lampoon.generate.interchange.weights import Wanted, weights_in

Pieces = Iterator[bytes]


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    out = sys.stdout.buffer
    out.write(READY)
    out.flush()
    limits = request["limits"]
    confine_this_process(Confines(limits["memory"], limits["cpu"], 64))
    try:
        for piece in READINGS[request["kind"]](request):
            out.write(piece)
    except LampoonError as error:
        out.write(json_line({"fault": error.what, "hint": error.hint}))
    except MemoryError:
        out.write(json_line({"fault": "reading needs too much memory"}))
    out.flush()


def json_line(value: Any) -> bytes:
    """Return one line of an answer."""
    return json.dumps(value).encode() + b"\n"


def _alignments(request: dict[str, Any]) -> Pieces:
    data = Path(request["path"]).read_bytes()
    yield json_line(alignments_line(alignments_in(data)))


def _weights(request: dict[str, Any]) -> Pieces:
    paths = [Path(path) for path in request["paths"]]
    wanted: Wanted = {
        name: [(place, tuple(shape)) for place, shape in places]
        for name, places in request["wanted"].items()
    }
    for array in weights_in(paths, wanted):
        yield json_line({"values": array.size})
        yield array.astype("<f4").tobytes()


def _faces(request: dict[str, Any]) -> Pieces:
    for path in request["paths"]:
        try:
            rgb, header = read_face(Path(path).read_bytes())
        except LampoonError as error:
            yield json_line({"skipped": error.what})
            continue
        yield json_line(
            {
                "side": rgb.shape[0],
                "face": face_line(header.record),
                "source": header.source.as_plain(),
                "own": dict(header.own),
            }
        )
        yield rgb.tobytes()


READINGS: dict[str, Callable[[dict[str, Any]], Pieces]] = {
    "alignments": _alignments,
    "weights": _weights,
    "faces": _faces,
}

if __name__ == "__main__":
    main()
