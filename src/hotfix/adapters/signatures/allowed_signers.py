"""``allowed_signers`` as OpenSSH writes it (ssh-keygen(1)), read to know which person a key belongs to.

ssh-keygen alone decides whether a signature is good. What is added here: a line whose principal is a
pattern would let its key speak for anybody, so it counts for nobody; and one person is one principal,
however many keys and lines they have.
"""

import binascii
import re

import msgspec

from hotfix.record.canonical import sha256

_LINE = (
    r'(?P<principals>"[^"]+"|\S+)\s+(?:(?P<options>(?:[^\s"]|"[^"]*")+)\s+)?'
    r"(?P<type>(?:ssh|ecdsa|sk)-\S+)\s+(?P<key>[A-Za-z0-9+/=]+)"
)
_PATTERN = r"[*?!]"
_MAGIC = b"SSHSIG"


class Signer(msgspec.Struct, frozen=True):
    """One line: a person, and the key that speaks for them."""

    person: str
    principals: tuple[str, ...]
    key: bytes
    authority: bool


def lines(text: bytes) -> list[str]:
    """Lines as ssh-keygen reads them. Not ``splitlines``, which would let a name hide at the end of a comment."""
    return text.decode("utf-8", "replace").split("\n")


def parse(text: bytes) -> tuple[Signer, ...]:
    """Every line that names a person and a key; patterns and broken lines name nobody.

    Lines that share a principal are one person, under the name that came first: several keys, or several
    addresses, do not make somebody two people.
    """
    signers = []
    for line in lines(text):
        match = None if line.lstrip().startswith("#") else re.match(_LINE, line.strip())
        if match is None:
            continue
        principals = tuple(match["principals"].strip('"').split(","))
        key = _decode(match["key"])
        if key and not any(re.search(_PATTERN, principal) for principal in principals):
            options = (match["options"] or "").lower()
            signers.append(Signer(principals[0], principals, key, "cert-authority" in options))
    names = _names(signers)
    return tuple(
        Signer(names[signer.person], signer.principals, signer.key, signer.authority) for signer in signers
    )


def _names(signers: list[Signer]) -> dict[str, str]:
    """Principal → the first principal of the person that it belongs to."""
    people: list[list[str]] = []
    for signer in signers:
        same = [person for person in people if set(person) & set(signer.principals)]
        joined = [principal for person in same for principal in person]
        joined += [principal for principal in signer.principals if principal not in joined]
        people = [person for person in people if person not in same]
        people.append(joined)
    return {principal: person[0] for person in people for principal in person}


def owner(signers: tuple[Signer, ...], key: bytes) -> Signer | None:
    """Whose key this is."""
    return next((signer for signer in signers if signer.key == key and not signer.authority), None)


def key_of_signature(armoured: str) -> bytes:
    """The public key inside an armoured SSH signature (PROTOCOL.sshsig); empty where it is none."""
    if not armoured.isascii():
        return b""
    body = "".join(line for line in armoured.splitlines() if line and not line.startswith("-----"))
    raw = _decode(body)
    if not raw.startswith(_MAGIC) or len(raw) < 14:
        return b""
    length = int.from_bytes(raw[10:14], "big")
    return raw[14 : 14 + length]


def key_of_public(line: str) -> bytes:
    """The key of a ``.pub`` file's line."""
    words = line.split()
    return _decode(words[1]) if len(words) >= 2 else b""


def fingerprint(key: bytes) -> str:
    """``SHA256:…`` as ssh-keygen -l prints it."""
    return "SHA256:" + binascii.b2a_base64(bytes.fromhex(sha256(key)), newline=False).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:  # no base64, or not even ASCII
        return b""
