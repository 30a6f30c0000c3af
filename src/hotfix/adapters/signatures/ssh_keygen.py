"""The Signatures port on ``ssh-keygen -Y``."""

import functools
import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hotfix.adapters.signatures import allowed_signers
from hotfix.ports import Signers, Unverified, Verified
from hotfix.record.finding import Refused, refused

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

FLOOR = (8, 2)
"""``-Y find-principals`` and FIDO keys are of OpenSSH 8.2."""

_KEPT = ("PATH", "HOME", "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "TERM", "TMPDIR")


class SshKeygen:
    """Signs with one key and checks against trunk's list."""

    def __init__(self, key_setting: Callable[[], str]) -> None:
        """`key_setting` gives what git is told of the person's key; asked when a key is first needed."""
        self._ask = key_setting
        self._known: str | None = None

    @property
    def _setting(self) -> str:
        if self._known is None:
            self._known = self._ask()
        return self._known

    def key(self) -> str:
        """See the port."""
        public = self._public()
        return allowed_signers.fingerprint(public) if public else ""

    def person(self, signers: Signers) -> str:
        """See the port."""
        public = self._public()
        signer = allowed_signers.owner(allowed_signers.parse(signers.allowed), public) if public else None
        return signer.person if signer else ""

    def people(self, signers: Signers) -> tuple[str, ...]:
        """See the port."""
        parsed = allowed_signers.parse(signers.allowed)
        return tuple(dict.fromkeys(principal for signer in parsed for principal in signer.principals))

    def canonical(self, signers: Signers, name: str) -> str:
        """See the port."""
        parsed = allowed_signers.parse(signers.allowed)
        known = {principal.lower(): signer.person for signer in parsed for principal in signer.principals}
        return known.get(name.lower(), name)

    def sign(self, namespace: str, message: bytes) -> str:
        """See the port."""
        if not self._setting:
            raise refused(
                "signature-no-key",
                "There is no key to sign with.",
                "git config --global gpg.format ssh; git config --global user.signingkey ~/.ssh/id_ed25519.pub",
            )
        with _folder() as folder:
            done = _run(["-Y", "sign", "-q", "-n", namespace, "-f", self._key_file(Path(folder))], message)
        if done.returncode != 0 or not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
            raise refused(
                "signature-failed",
                f"ssh-keygen could not sign: {_said(done)}.",
                "ssh-add the key, or mend user.signingkey",
            )
        return done.stdout.decode("ascii")

    def verify(
        self, signers: Signers, namespace: str, message: bytes, signature: str
    ) -> Verified | Unverified:
        """See the port."""
        key = allowed_signers.key_of_signature(signature)
        if not key:
            return Unverified("it is no SSH signature")
        signer = allowed_signers.owner(allowed_signers.parse(signers.allowed), key)
        if signer is None:
            return Unverified(f"the key {allowed_signers.fingerprint(key)} is not on trunk's list of signers")
        with _folder() as folder:
            done = _run(
                _verify_argv(Path(folder), signers, signer.principals[0], namespace, signature), message
            )
        if done.returncode == 0 and done.stdout.startswith(b"Good "):
            return Verified(signer.person, allowed_signers.fingerprint(key))
        return Unverified(f"ssh-keygen says: {_said(done)}")

    def public_key(self) -> str:
        """See the port."""
        return " ".join(self._public_line().split()[:2])

    def _public(self) -> bytes:
        return allowed_signers.key_of_public(self._public_line())

    def _public_line(self) -> str:
        if not self._setting:
            return ""
        literal = _literal(self._setting)
        if literal:
            return literal
        path = Path(self._setting).expanduser()
        public = path if path.suffix == ".pub" else path.with_name(path.name + ".pub")
        try:
            return public.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise refused(
                "signature-key-unreadable",
                f"The signing key {public} cannot be read: {error}.",
                "mend user.signingkey in your git configuration",
            ) from None

    def _key_file(self, folder: Path) -> str:
        literal = _literal(self._setting)
        if not literal:
            return str(Path(self._setting).expanduser())
        public = folder / "key.pub"
        public.write_text(literal + "\n")
        return str(public)


def _folder() -> "TemporaryDirectory[str]":
    from tempfile import TemporaryDirectory  # here, because it is slow to import and most starts are `status`

    return TemporaryDirectory(prefix="hotfix-signature-")


def _literal(setting: str) -> str:
    """The public key itself, where git's setting holds that and not a path."""
    if setting.startswith("key::"):
        return setting.removeprefix("key::")
    return setting if re.match(r"(ssh|ecdsa|sk)-\S+ ", setting) else ""


def _verify_argv(
    folder: Path, signers: Signers, principal: str, namespace: str, signature: str
) -> Sequence[str]:
    (folder / "allowed").write_bytes(_without_patterns(signers.allowed))
    (folder / "signature").write_text(signature)
    argv = [
        "-Y",
        "verify",
        "-f",
        str(folder / "allowed"),
        "-I",
        principal,
        "-n",
        namespace,
        "-s",
        str(folder / "signature"),
    ]
    if signers.revoked.strip():
        (folder / "revoked").write_bytes(signers.revoked)
        argv += ["-r", str(folder / "revoked")]
    return argv


def _without_patterns(allowed: bytes) -> bytes:
    lines = allowed.split(b"\n")
    return b"\n".join(line for line in lines if allowed_signers.parse(line)) + b"\n"


def _run(argv: Sequence[str], message: bytes) -> "subprocess.CompletedProcess[bytes]":
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {"LC_ALL": "C"}
    _check_floor(os.environ.get("PATH", ""))
    try:
        return subprocess.run(
            ["ssh-keygen", *argv],
            input=message,
            capture_output=True,
            env=environment,
            check=False,
            timeout=60,
        )
    except FileNotFoundError:
        raise _too_old("ssh-keygen is not installed, or not on PATH") from None
    except subprocess.TimeoutExpired:
        raise refused(
            "signature-timeout",
            "ssh-keygen did not answer within 60 s.",
            "is the key's agent or token waiting for you?",
        ) from None


@functools.cache
def _check_floor(path: str) -> None:
    """ssh and ssh-keygen come together; only ssh tells its version. Where there is no ssh, ssh-keygen is tried as it is.

    What lies on `path` is looked at once: a ship checks dozens of signatures.
    """
    try:
        done = subprocess.run(["ssh", "-V"], capture_output=True, check=False)
    except FileNotFoundError:
        return
    match = re.search(rb"OpenSSH_(\d+)\.(\d+)", done.stderr + done.stdout)
    if match and (int(match[1]), int(match[2])) < FLOOR:
        raise _too_old(f"OpenSSH {match[1].decode()}.{match[2].decode()} is too old to sign")


def _too_old(what: str) -> Refused:
    return refused("signature-openssh", f"{what}.", f"install OpenSSH {FLOOR[0]}.{FLOOR[1]} or newer")


def _said(done: "subprocess.CompletedProcess[bytes]") -> str:
    text = (done.stderr or done.stdout).decode("utf-8", "backslashreplace").strip()
    return text.splitlines()[-1].rstrip(".") if text else f"exit {done.returncode}"


def sign_commit(signatures: SshKeygen, raw: bytes, *, sha256: bool) -> bytes:
    """A commit's bytes with the signature in its header, as git writes it; unchanged where there is no key."""
    if not signatures.key():
        return raw
    signature = signatures.sign("git", raw).rstrip("\n").replace("\n", "\n ")
    head, blank, message = raw.partition(b"\n\n")
    name = "gpgsig-sha256" if sha256 else "gpgsig"
    return head + f"\n{name} {signature}".encode() + blank + message


def split_commit(raw: bytes) -> tuple[bytes, str]:
    """(what was signed, the armoured signature or nothing) of a commit's bytes."""
    head, blank, message = raw.partition(b"\n\n")
    kept: list[bytes] = []
    signature: list[bytes] = []
    inside = False
    for line in head.split(b"\n"):
        if line.startswith((b"gpgsig ", b"gpgsig-sha256 ")):
            inside = True
            signature.append(line.partition(b" ")[2])
        elif inside and line.startswith(b" "):
            signature.append(line[1:])
        else:
            inside = False
            kept.append(line)
    return b"\n".join(kept) + blank + message, b"\n".join(signature).decode("ascii", "replace")
