"""A process that gives up its own freedom before it reads what a stranger wrote."""

import os
import resource
from dataclasses import dataclass

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Confines:
    """What a confined process may use; it can write no file at all."""

    memory_bytes: int
    cpu_seconds: int
    open_files: int = 256


def confine_this_process(confines: Confines) -> None:
    """Put the limits on the calling process, for good."""
    for kind, most in (
        (resource.RLIMIT_AS, confines.memory_bytes),
        (resource.RLIMIT_CPU, confines.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, confines.open_files),
    ):
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


def bare_environment() -> dict[str, str]:
    """Return an environment for a child: ours without secrets, proxies or threads."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return kept | dict.fromkeys(THREAD_VARIABLES, "1")
