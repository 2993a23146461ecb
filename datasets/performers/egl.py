"""OpenGL without a screen: moderngl on EGL, on a CPU by Mesa's llvmpipe.

The only file that loads moderngl.
"""

import os
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import LampoonError, MissingExtraError

PACKAGES = "on Debian: apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri"
SHADERS = resources.files("lampoon.datasets.performers") / "shaders"
SHARED = ("noise.glsl", "light.glsl")
"""Put before every fragment shader."""


def open_context() -> Any:
    """Return an OpenGL context without a screen.

    Raises MissingExtraError without moderngl, and LampoonError naming the Debian
    packages where EGL cannot be had.
    """
    try:
        import moderngl
    except ImportError as error:
        raise MissingExtraError("moderngl", "performers") from error
    os.environ.setdefault("EGL_LOG_LEVEL", "fatal")
    create: Any = moderngl.create_context
    try:
        context = create(standalone=True, backend="egl", require=330)
    except Exception as error:  # it raises bare Exception for whatever is missing
        raise LampoonError(
            f"pictures cannot be drawn here, EGL says: {error}", hint=PACKAGES
        ) from error
    context.enable(moderngl.DEPTH_TEST)
    context.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA
    return context


def probe_graphics() -> str:
    """Return what draws here, such as llvmpipe; raises as ``open_context`` does."""
    context = open_context()
    try:
        return str(context.info["GL_RENDERER"])
    finally:
        context.release()


def program_of(gl: Any, vertex: str, fragment: str, defined: str = "") -> Any:
    """Return a program of two of the shaders in this folder, with a word defined."""
    shared = "".join(_text(name) for name in SHARED)
    head = "#version 330\n" + (f"#define {defined}\n" if defined else "")
    return gl.program(
        vertex_shader=head + shared + _text(f"{vertex}.vert"),
        fragment_shader=head + shared + _text(f"{fragment}.frag"),
    )


def set_values(program: Any, **values: Any) -> None:
    """Set the uniforms that the program reads, and skip the others."""
    for name, value in values.items():
        if name in program:
            program[name].value = value


def columns(matrix: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """Return a matrix as OpenGL wants it, column by column."""
    return tuple(matrix.T.ravel().tolist())


def _text(name: str) -> str:
    return (SHADERS / name).read_text(encoding="utf-8")
