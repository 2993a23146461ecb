"""Tiny ONNX files with the interfaces of insightface's networks, made on the spot.

They have never seen a face: the detector always names one place, the embedder is a
fixed projection of the crop, the swapper tints the crop by the identity.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

DETECTOR, EMBEDDER = "det_tiny.onnx", "w600k_tiny.onnx"
SWAPPER = "inswapper_128.onnx"
SIDE = 128
STRIDES = (8, 16, 32)
TINT = 0.25


def write_models(
    folder: Path,
    *,
    box: tuple[float, float, float, float] = (0, 0, 0, 0),
    points: npt.NDArray[np.float32] | None = None,
) -> Path:
    """Write all three; the detector sees ``box`` with five ``points``, 0 to 128."""
    folder.mkdir(exist_ok=True)
    write_detector(folder / DETECTOR, box, points)
    write_embedder(folder / EMBEDDER)
    write_swapper(folder / SWAPPER)
    return folder


def write_detector(
    path: Path,
    box: tuple[float, float, float, float],
    points: npt.NDArray[np.float32] | None = None,
) -> None:
    """Write SCRFD's nine outputs: scores, boxes and points at three strides."""
    five = np.zeros((5, 2), np.float32) if points is None else points
    made: list[npt.NDArray[np.float32]] = []
    for width in (1, 4, 10):
        made += [
            np.zeros((2 * (SIDE // stride) ** 2, width), np.float32)
            for stride in STRIDES
        ]
    row, x, y = _anchor(box)
    made[2][row] = 0.9
    made[5][row] = np.array([x - box[0], y - box[1], box[2] - x, box[3] - y]) / 32
    made[8][row] = (five - (x, y)).ravel() / 32
    values = {f"out{i}": value for i, value in enumerate(made)}
    seen = {"image": (1, 3, SIDE, SIDE)}
    outputs = {f"out{i}": value.shape for i, value in enumerate(made)}
    _save(path, [], seen, outputs, values)


def _anchor(box: tuple[float, float, float, float]) -> tuple[int, float, float]:
    """Return the row and the place of the coarsest anchor near a box's middle."""
    cells = SIDE // 32
    column, row = (
        min(int((low + high) / 64), cells - 1)
        for low, high in zip(box[:2], box[2:], strict=True)
    )
    return 2 * (row * cells + column), column * 32.0, row * 32.0


def write_embedder(path: Path) -> None:
    """Write a network from (1, 3, 112, 112) to (1, 512)."""
    weights = np.random.default_rng(3).normal(size=(588, 512)).astype(np.float32)
    nodes = [
        _node("AveragePool", ["image"], "small", kernel_shape=[8, 8], strides=[8, 8]),
        _node("Flatten", ["small"], "flat"),
        _node("MatMul", ["flat", "weights"], "embedding"),
    ]
    seen = {"image": (1, 3, 112, 112)}
    _save(path, nodes, seen, {"embedding": (1, 512)}, {"weights": weights})


def write_swapper(path: Path) -> None:
    """Write a network that adds to its crop what the identity says of each colour."""
    random = np.random.default_rng(4)
    colours = random.normal(size=(512, 3)).astype(np.float32)
    nodes = [
        _node("MatMul", ["source", "colours"], "said"),
        _node("Tanh", ["said"], "bounded"),
        _node("Mul", ["bounded", "tint"], "tinted"),
        _node("Reshape", ["tinted", "shape"], "everywhere"),
        _node("Add", ["target", "everywhere"], "output"),
    ]
    values: dict[str, npt.NDArray[Any]] = {
        "colours": colours,
        "tint": np.array(TINT, np.float32),
        "shape": np.array([1, 3, 1, 1], np.int64),
        "emap": np.eye(512, dtype=np.float32)[::-1].copy(),
    }
    seen = {"target": (1, 3, SIDE, SIDE), "source": (1, 512)}
    _save(path, nodes, seen, {"output": (1, 3, SIDE, SIDE)}, values)


def _node(kind: str, inputs: list[str], output: str, **settings: Any) -> Any:
    from onnx import helper

    return helper.make_node(kind, inputs, [output], **settings)


def _save(
    path: Path,
    nodes: list[Any],
    inputs: Mapping[str, tuple[int, ...]],
    outputs: Mapping[str, tuple[int, ...]],
    values: Mapping[str, npt.NDArray[Any]],
) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    constants = [
        helper.make_node(
            "Constant", [], [name], value=numpy_helper.from_array(value, name)
        )
        for name, value in values.items()
        if name in outputs
    ]
    graph = helper.make_graph(
        [*constants, *nodes],
        "tiny",
        [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, s)
            for n, s in inputs.items()
        ],
        [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, s)
            for n, s in outputs.items()
        ],
        [numpy_helper.from_array(v, n) for n, v in values.items() if n not in outputs],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, str(path))
