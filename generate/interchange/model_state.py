"""The text of faceswap's ``<name>_state.json``: how far, and with what options."""

from __future__ import annotations

import json
from typing import Any

from lampoon.generate.models.blocks import AlignedNetwork, Architecture

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


def fresh_config(name: str) -> dict[str, Any]:
    """Return the options that faceswap writes for a new model of plugin ``name``."""
    if name == Architecture.ORIGINAL:
        return {**_OPTIONS, "lowmem": False}
    return dict(_OPTIONS)


def state_text(
    network: AlignedNetwork,
    iterations: int,
    lowest_average_loss: float,
    config: dict[str, Any],
) -> str:
    """Return the JSON of the state of ``network`` after ``iterations``."""
    plain = {
        "name": network.name,
        "sessions": {},
        "lowest_avg_loss": lowest_average_loss,
        "iterations": iterations,
        "mixed_precision_layers": _computing_layers(network),
        "lr_finder": -1.0,
        "config": config,
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
