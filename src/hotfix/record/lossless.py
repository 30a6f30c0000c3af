"""Text that came as bytes, kept so that the exact bytes can be had back.

JSON holds Unicode only, while paths, branch names and authors in git are bytes. Valid UTF-8 stays as
it is; anything else is written as git writes a quoted path: in double quotes, with octal escapes.
"""

import re

_ESCAPE = rb"\\(\\|\"|[0-7]{3})"


def to_text(raw: bytes) -> str:
    """The bytes as Unicode; :func:`to_bytes` gives exactly `raw` back."""
    if not raw.startswith(b'"'):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    quoted = "".join(_quote(byte) for byte in raw)
    return f'"{quoted}"'


def _quote(byte: int) -> str:
    if byte in b'\\"':
        return "\\" + chr(byte)
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"


def to_bytes(text: str) -> bytes:
    """The bytes that :func:`to_text` was given."""
    if not text.startswith('"'):
        return text.encode("utf-8")
    return re.sub(_ESCAPE, _unquote, text[1:-1].encode("ascii"))


def _unquote(match: re.Match[bytes]) -> bytes:
    body = match.group(1)
    return body if body in (b"\\", b'"') else bytes([int(body, 8)])
