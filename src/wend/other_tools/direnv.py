"""What direnv will put back: where it is loaded, DIRENV_DIFF holds the values that it found.

direnv restores whole variables, PATH among them, to what they were when it loaded. Without this module, its unloading
would restore an environment that the shell has left since, and remove the one that it has entered. The format is
direnv's own (gzenv), for which there is no library: JSON with the values before ("p") and after ("n"), through zlib
and URL-safe base64.
"""

from __future__ import annotations

from wend.typed import Any, Mapping, Optional

NAME = "DIRENV_DIFF"
_MAX = 1 << 20  # bytes of JSON


def unloaded(env: Mapping[str, str]) -> Optional[dict[str, str]]:
    """Return ENV as direnv will leave it when it unloads, None where it is not loaded or that cannot be told."""
    found = _parse(env.get(NAME, ""))
    if found is None:
        return None
    before, after = found
    kept = {name: value for name, value in env.items() if name not in after}
    return {**kept, **before}


def rewritten(text: str, env: Mapping[str, str]) -> str:
    """Return the value TEXT of DIRENV_DIFF, changed so that unloading leads to ENV as far as direnv touches it."""
    import base64  # noqa: PLC0415  only those who have direnv need it
    import json  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    found = _parse(text)
    if found is None:
        return text
    before, after = found
    wanted = {name: env[name] for name in (*before, *after) if name in env}
    if wanted == before:
        return text
    data = json.dumps({"p": wanted, "n": after}, separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(data.encode("ascii"))).decode("ascii")


def _parse(text: str) -> Optional[tuple[dict[str, str], dict[str, str]]]:
    if not text:
        return None
    import base64  # noqa: PLC0415
    import json  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    try:
        unpack = zlib.decompressobj()
        data = unpack.decompress(base64.b64decode(text, b"-_", validate=True), _MAX)
        tree: Any = json.loads(data) if unpack.eof else None
        before, after = tree["p"], tree["n"]
    except (ValueError, TypeError, KeyError, RecursionError, zlib.error):
        return None
    return (before, after) if _variables(before) and _variables(after) else None


def _variables(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) and "\0" not in item for item in value.values())
