"""Which marks stand beside ours, and why the others do not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lampoon.bench.watermark.peers import PEERS, SLOW
from lampoon.errors import SettingsError
from lampoon.watermark.adapters.protocol import PictureMark
from lampoon.watermark.adapters.trustmark import TrustMark, Variant
from lampoon.watermark.adapters.videoseal import VIDEOSEAL, VideoSeal

NO_WEIGHTS = "no weights named; nothing is ever downloaded (see {option})"


@dataclass(slots=True)
class Methods:
    """The marks to compare ours with, and the reasons of those that do not run."""

    marks: list[PictureMark] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)

    def absent_rows(self) -> list[dict[str, Any]]:
        """Return the absent ones as rows for machines."""
        return [
            {"bench": "watermark", "method": method, "not_run": reason}
            for method, reason in self.absent.items()
        ]


def chosen_methods(
    only: Sequence[str] | None = None,
    *,
    trustmark: Path | None = None,
    videoseal: Path | None = None,
) -> Methods:
    """Return what runs: peers that are installed, networks whose weights are named.

    ``only`` names methods to run and leaves the others out; a slow one runs only
    where it is named. Raises SettingsError for a name that nothing has,
    ProvenanceError for weights that cannot be used.
    """
    methods = Methods()
    wanted = set(only or ())
    _known(wanted)
    for peer in PEERS:
        reason = peer.needs and f"not installed ({peer.needs})"
        if not reason and peer.name in SLOW and peer.name not in wanted:
            reason = f"takes minutes a clip (--method {peer.name})"
        if not reason and wanted and peer.name not in wanted:
            reason = "not asked for"
        if reason:
            methods.absent[peer.name] = reason
        else:
            methods.marks.append(peer)
    _networks(methods, trustmark, videoseal)
    return methods


def _known(wanted: set[str]) -> None:
    names = [peer.name for peer in PEERS]
    for name in sorted(wanted.difference(names)):
        raise SettingsError(f"no method {name}", hint=f"there are {', '.join(names)}")


def _networks(methods: Methods, trustmark: Path | None, videoseal: Path | None) -> None:
    """Add what the user has weights for."""
    if trustmark is None:
        methods.absent["com.adobe.trustmark"] = NO_WEIGHTS.format(option="--trustmark")
    else:
        methods.marks.extend(
            TrustMark(trustmark, variant) for variant in variants_in(trustmark)
        )
    if videoseal is None:
        methods.absent[VIDEOSEAL] = NO_WEIGHTS.format(option="--videoseal")
    else:
        methods.marks.append(VideoSeal(videoseal))


def variants_in(folder: Path) -> list[Variant]:
    """Return the variants of TrustMark whose files lie in a folder; Q where none do.

    What then lacks of Q is told when it is made.
    """
    there = [v for v in Variant if all((folder / file).is_file() for file in v.files)]
    return there or [Variant.Q]
