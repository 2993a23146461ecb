"""Hold back what native libraries write to the process's standard error.

TensorFlow and LiteRT greet every start with lines that no Python logger sees. They
are held back while such a library loads, and shown when loading fails.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

STANDARD_ERROR = 2


@contextmanager
def quiet_start() -> Iterator[None]:
    """Keep standard error silent inside; pass on what was said if it raises."""
    sys.stderr.flush()
    kept = os.dup(STANDARD_ERROR)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), STANDARD_ERROR)
        try:
            yield
        except BaseException:
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, STANDARD_ERROR)
            os.close(kept)
