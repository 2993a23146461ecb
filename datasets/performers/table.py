"""The truth as a Parquet table, a row a frame, where pyarrow is installed."""

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lampoon.errors import LampoonError


def require_table() -> None:
    """Raise LampoonError where tables cannot be written."""
    if find_spec("pyarrow") is None:
        raise LampoonError(
            "pyarrow is not installed", hint="pip install pyarrow, or leave out --table"
        )


def write_table(truth: dict[str, Any], path: Path) -> None:
    """Write the frames as Parquet; what is true of the whole take is its metadata.

    Raises LampoonError without pyarrow.
    """
    require_table()
    pyarrow: Any = import_module("pyarrow")
    parquet: Any = import_module("pyarrow.parquet")
    table = pyarrow.Table.from_pylist(truth["frames"])
    about = json.dumps({key: truth[key] for key in truth if key != "frames"})
    parquet.write_table(
        table.replace_schema_metadata({"lampoon.truth": about}), str(path)
    )
