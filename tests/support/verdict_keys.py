"""Keys for verdicts, made on the spot."""

from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519


def key_file(path: Path, private: Any = None, *, mode: int = 0o600) -> Path:
    """Write a private key, an Ed25519 one unless given; return its path."""
    private = private or ed25519.Ed25519PrivateKey.generate()
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path.chmod(mode)
    return path
