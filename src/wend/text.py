"""Text for people: what a terminal might obey is made visible, what is to be typed is one word.

Values in the environment stay byte-exact.
"""

from __future__ import annotations

# Cc control, Cf format (bidi, zero width), Cs lone surrogates (bytes that are not UTF-8), Co, Cn, Zl, Zp.
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
# What no shell takes for anything else.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_")


def quoted(text: str) -> str:
    """Return TEXT as one word of any POSIX shell, as `shlex.quote` does: that module takes a while to load."""
    if text and _PLAIN.issuperset(text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"


def ansi_c(word: str) -> str:
    """Return WORD in bash's and zsh's own quotes, always one line."""
    try:
        data = word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # from a document: no bytes stand for it
        return quoted(visible(word))
    escaped = (chr(byte) if 32 <= byte < 127 and byte not in b"\\'" else f"\\{byte:03o}" for byte in data)
    return f"$'{''.join(escaped)}'"


def visible(text: str) -> str:
    """Return TEXT with control, bidi and undecodable characters spelled as escapes."""
    if text.isascii() and text.isprintable():
        return text
    import unicodedata  # noqa: PLC0415

    return "".join(_escape(char) if unicodedata.category(char) in _HIDDEN else char for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
