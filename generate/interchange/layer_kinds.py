"""Which layers a model file may describe; nothing that it describes is ever built."""

from typing import Any

from lampoon.errors import TrainingError

KNOWN = frozenset(
    (
        "Functional",
        "Model",
        "InputLayer",
        "Conv2D",
        "Dense",
        "Flatten",
        "Reshape",
        "LeakyReLU",
        "Activation",
        "PixelShuffler",
        "DTypePolicy",
        "Policy",
        "__keras_tensor__",
        "Zeros",
        "Ones",
        "HeUniform",
        "GlorotUniform",
        "GlorotNormal",
        "VarianceScaling",
        "RandomNormal",
        "RandomUniform",
        "Orthogonal",
        "ICNR",
        "ConvolutionAware",
    )
)
"""Layers of faceswap's networks, their types and first weights, in Keras 2 and 3."""

HOMES = frozenset(("keras", "lib"))
"""First part of the modules that those come from: Keras's, and faceswap's own."""

RUNS_CODE = frozenset(("Lambda", "__lambda__", "function", "TFOpLambda"))
_SKIPPED = ("compile_config", "build_config")
_MAX_PARTS = 200_000


def insist_on_known_layers(config: Any) -> None:
    """Raise TrainingError where ``config`` describes anything but known layers."""
    waiting, parts = [config], 0
    while waiting:
        part = waiting.pop()
        parts += 1
        if parts > _MAX_PARTS:
            raise TrainingError("the file's description of its network is too large")
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            _insist_on_one(part)
            waiting += [v for key, v in part.items() if key not in _SKIPPED]


def _insist_on_one(part: dict[str, Any]) -> None:
    if "class_name" not in part:
        return
    name = str(part["class_name"])[:60]
    home = part.get("module")
    if name in RUNS_CODE:
        raise TrainingError(
            f"the model holds a {name} layer, which is code of whoever made the file",
            hint="nothing of it was run; use a model of original or lightweight",
        )
    strange = isinstance(home, str) and home.split(".")[0] not in HOMES
    if name not in KNOWN or strange:
        raise TrainingError(
            f"the model holds a layer {name!r}, which is in no known network",
            hint="models of faceswap's plugins original and lightweight are read",
        )
