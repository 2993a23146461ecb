"""Hold back what native libraries write to the process's standard error.

TensorFlow and LiteRT greet every start with lines that no Python logger sees. They
are held back while such a library loads, and shown when loading fails.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STANDARD_ERROR = 2
MOST_BYTES = 1 << 16
"""What a pipe holds; a library that says more is cut short, never blocked."""


@contextmanager
def quiet_start() -> Iterator[None]:
    """Keep standard error silent inside; pass on what was said if it raises.

    A pipe and no file: the verifier's child may not write any.
    """
    sys.stderr.flush()
    kept = os.dup(STANDARD_ERROR)
    said, say = os.pipe()
    os.set_blocking(say, False)
    os.dup2(say, STANDARD_ERROR)
    os.close(say)
    try:
        yield
    except BaseException:
        os.set_blocking(said, False)
        os.write(kept, _all_of(said))
        raise
    finally:
        sys.stderr.flush()
        os.dup2(kept, STANDARD_ERROR)
        os.close(kept)
        os.close(said)


def _all_of(pipe: int) -> bytes:
    try:
        return os.read(pipe, MOST_BYTES)
    except BlockingIOError:
        return b""
