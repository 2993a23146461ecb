"""faceswap's ``<name>_state.json``: how far a model is, and with what options."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lampoon.errors import LampoonError, TrainingError
from lampoon.faces.align import Centring
from lampoon.generate.interchange.asking import insist_on_file
from lampoon.generate.models.blocks import AlignedNetwork, Architecture

if TYPE_CHECKING:
    from pathlib import Path

MAX_STATE = 16 << 20

_OPTIONS: dict[str, Any] = {
    "centering": "face",
    "coverage": 100.0,
    "vertical_offset": 0,
    "icnr_init": False,
    "conv_aware_init": False,
    "lr_finder_iterations": 1000,
    "lr_finder_mode": "set",
    "lr_finder_strength": "default",
    "reflect_padding": False,
    "mixed_precision": False,
    "nan_protection": True,
    "convert_batchsize": 16,
    "loss_function": "ssim",
    "loss_function_2": "mse",
    "loss_weight_2": 100,
    "loss_function_3": "none",
    "loss_weight_3": 0,
    "loss_function_4": "none",
    "loss_weight_4": 0,
    "mask_loss_function": "mse",
    "eye_multiplier": 3,
    "mouth_multiplier": 2,
    "penalized_mask_loss": True,
    "mask_type": "extended",
    "mask_dilation": 0.0,
    "mask_blur_kernel": 3,
    "mask_threshold": 4,
    "learn_mask": False,
    "optimizer": "adam",
    "learning_rate": 5e-05,
    "epsilon_exponent": -7,
    "save_optimizer": "exit",
    "gradient_clipping": "none",
    "clipping_value": 1.0,
    "autoclip_history": 10000,
    "weight_decay": 0.0,
    "gradient_accumulation": 1,
    "ada_beta_1": 0.9,
    "ada_beta_2": 0.999,
    "ada_amsgrad": False,
}
"""What faceswap would have chosen, and what this house trains with."""


_FIRST_OPTIONS: dict[str, Any] = {"centering": "legacy", "coverage": 62.5}
"""What holds for a model whose state does not say otherwise."""


def fresh_config(name: str) -> dict[str, Any]:
    """Return the options that faceswap writes for a new model of plugin ``name``."""
    if name == Architecture.ORIGINAL:
        return {**_OPTIONS, "lowmem": False}
    return dict(_OPTIONS)


def first_config(name: str) -> dict[str, Any]:
    """Return the options of a model of ``name`` from before options were kept."""
    return fresh_config(name) | _FIRST_OPTIONS


def whole_config(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return ``config`` with every option of today's faceswap, and no other."""
    if not config:
        return fresh_config(name)
    return {key: config.get(key, old) for key, old in first_config(name).items()}


@dataclass(frozen=True, slots=True)
class ModelState:
    """What is known of a model's training.

    ``config`` are faceswap's own options and ``sessions`` what it says of each of its
    trainings; both are handed on as they came.
    """

    name: str
    iterations: int = 0
    lowest_average_loss: float = 0.0
    config: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CropStyle:
    """How a model's faces are cut: what is in the middle, and how much around it."""

    centring: Centring = Centring.FACE
    coverage: float = 1.0


def crop_style(state: ModelState) -> CropStyle:
    """Return the crop that a model was trained on; raises TrainingError if unknown.

    A state without options is of a model made here.
    """
    config = state.config
    if not config:
        return CropStyle()
    try:
        centring = Centring(config.get("centering", _FIRST_OPTIONS["centering"]))
        coverage = float(config.get("coverage", _FIRST_OPTIONS["coverage"])) / 100
    except (ValueError, TypeError) as error:
        raise TrainingError("the model's crop is unknown") from error
    if not 0.5 <= coverage <= 1:
        raise TrainingError(f"the model covers {coverage:.0%} of a face")
    if config.get("vertical_offset"):
        raise TrainingError(
            "the model's faces are moved up or down (vertical_offset)",
            hint="models with vertical_offset 0 are read",
        )
    return CropStyle(centring, coverage)


def insist_on_plain_network(state: ModelState) -> None:
    """Raise TrainingError for options that change the network's layers."""
    for option in ("learn_mask", "reflect_padding", "lowmem"):
        if state.config.get(option):
            raise TrainingError(
                f"a model with {option}", hint=f"models without {option} are read"
            )


def read_state(folder: Path, name: str) -> ModelState:
    """Return what ``<name>_state.json`` in ``folder`` says, or a fresh state."""
    path = folder / f"{name}_state.json"
    if not path.exists():
        return ModelState(name)
    try:
        insist_on_file(path, MAX_STATE)
        plain = json.loads(path.read_text(encoding="utf-8"))
        loss = float(plain.get("lowest_avg_loss", 0.0))
        return ModelState(
            str(plain.get("name", name)),
            int(plain.get("iterations", 0)),
            loss if abs(loss) < float("inf") else 0.0,
            dict(plain.get("config", {})),
            dict(plain.get("sessions", {})),
        )
    except (
        LampoonError,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        OSError,
        RecursionError,
    ) as error:
        raise TrainingError("the state file is broken", where=path) from error


def state_text(network: AlignedNetwork, state: ModelState) -> str:
    """Return the JSON of the state of ``network``."""
    plain = {
        "name": network.name,
        "sessions": state.sessions,
        "lowest_avg_loss": state.lowest_average_loss,
        "iterations": state.iterations,
        "mixed_precision_layers": _computing_layers(network),
        "lr_finder": -1.0,
        "config": whole_config(network.name, state.config),
    }
    return json.dumps(plain, indent=2)


def _computing_layers(network: AlignedNetwork) -> list[str]:
    """Return the names of all layers but inputs and the last activation, in order."""
    return [
        layer.name
        for group in (network.encoder, network.decoder_a, network.decoder_b)
        for layer in group.layers
        if type(layer).__name__ not in ("InputLayer", "Activation")
    ]
