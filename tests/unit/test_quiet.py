"""Native greetings are held back; what a failure said is passed on."""

import os
import resource
import subprocess
import sys

import pytest

from lampoon.quiet import quiet_start


def test_what_is_said_inside_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_start():
        os.write(2, b"hello from a library")
    os.write(2, b"after")

    assert capfd.readouterr().err == "after"


def test_what_was_said_before_a_failure_is_passed_on(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fails() -> None:
        with quiet_start():
            os.write(2, b"no such device")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()

    assert "no such device" in capfd.readouterr().err


def test_a_library_that_talks_much_is_not_blocked(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with quiet_start():
        for _ in range(300):
            try:
                os.write(2, b"x" * 1024)
            except BlockingIOError:
                break

    assert capfd.readouterr().err == ""


def test_it_works_where_no_file_may_be_written() -> None:
    # the verifier's child runs so; a temporary file made every clip unreadable
    code = "from lampoon.quiet import quiet_start\nwith quiet_start(): print('fine')"

    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )

    assert done.stdout == "fine\n"
