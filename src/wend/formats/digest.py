"""Hashes, by Python's own small modules where it has them: hashlib loads OpenSSL, which costs 10 ms and memory."""

from __future__ import annotations

import sys

from wend.typed import Any


def _hash(name: str, data: bytes) -> bytes:
    import importlib

    own = "_sha2" if name == "sha256" and sys.version_info >= (3, 12) else f"_{name}"
    try:
        module: Any = importlib.import_module(own)
    except ImportError:
        module = importlib.import_module("hashlib")
    return bytes(getattr(module, name)(data).digest())


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of DATA."""
    return _hash("sha256", data)


def md5(data: bytes) -> bytes:
    """Return the MD5 of DATA: pdm names directories by it."""
    return _hash("md5", data)


def short(digest: bytes, length: int) -> str:
    """Return the first LENGTH characters of DIGEST in URL-safe base64, as poetry, pipenv, pdm and hatch cut it."""
    import base64  # few kinds of environment need it

    return base64.urlsafe_b64encode(digest).decode("ascii")[:length]
