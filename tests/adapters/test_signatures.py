"""Signatures by OpenSSH itself: who may speak for whom, and everything that is not a yes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.adapters import repositories
from tests.record.one_of_each_fact import ONE_OF_EACH, PATCH

from hotfix.adapters.git.process import GitProcess
from hotfix.adapters.signatures.ssh_keygen import SshKeygen, sign_commit, split_commit
from hotfix.ports import Append, Signers, Unverified, Verified
from hotfix.record.finding import Refused
from hotfix.record.patch import statement

REVIEW = "hotfix-review@v1"
MESSAGE = statement("review", PATCH, {"policy": "p" * 40})


class Key:
    """A key pair on disk."""

    def __init__(self, path: Path, kind: str = "ed25519") -> None:
        argv = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "a comment", "-f", str(path)]
        subprocess.run([*argv, *(["-b", "256"] if kind == "ecdsa" else [])], check=True, capture_output=True)
        self.path = path
        self.public = path.with_name(path.name + ".pub").read_text().strip()

    @property
    def fingerprint(self) -> str:
        """As ssh-keygen itself prints it."""
        said = subprocess.run(
            ["ssh-keygen", "-l", "-f", str(self.path)], capture_output=True, text=True, check=True
        )
        return said.stdout.split()[1]

    def line(self, principals: str, options: str = "") -> str:
        """Its line in ``allowed_signers``."""
        return f"{principals} {options + ' ' if options else ''}{self.public}\n"

    def sign(self, message: bytes = MESSAGE, namespace: str = REVIEW) -> str:
        """A signature by this key."""
        return signs_with(str(self.path)).sign(namespace, message)


def signs_with(setting: str) -> SshKeygen:
    return SshKeygen(lambda: setting)


def allowed(*lines: str, revoked: str = "") -> Signers:
    return Signers("".join(lines).encode(), revoked.encode())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Key]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: Key(folder / name) for name in ("rita", "rita-laptop", "sam", "stranger")}


@pytest.fixture
def rita(keys: dict[str, Key]) -> Key:
    return keys["rita"]


def verify(signers: Signers, signature: str, message: bytes = MESSAGE, namespace: str = REVIEW) -> str:
    """The person, or ``no: why``."""
    said = signs_with("").verify(signers, namespace, message, signature)
    return said.person if isinstance(said, Verified) else f"no: {said.why}"


# -- yes -------------------------------------------------------------------------------------------


def test_a_good_signature_names_its_person_and_key(rita: Key) -> None:
    said = signs_with("").verify(allowed(rita.line("rita@example.com")), REVIEW, MESSAGE, rita.sign())

    assert said == Verified("rita@example.com", rita.fingerprint)
    assert rita.sign().startswith("-----BEGIN SSH SIGNATURE-----\n")


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_other_kinds_of_keys_count_as_well(tmp_path: Path, kind: str) -> None:
    key = Key(tmp_path / "key", kind)

    assert verify(allowed(key.line("rita@example.com")), key.sign()) == "rita@example.com"


def test_two_keys_of_one_person_are_one_person(keys: dict[str, Key]) -> None:
    signers = allowed(keys["rita"].line("rita@example.com"), keys["rita-laptop"].line("rita@example.com"))

    people = {verify(signers, keys[name].sign()) for name in ("rita", "rita-laptop")}

    assert people == {"rita@example.com"}
    assert {signs_with(str(keys[name].path)).person(signers) for name in ("rita", "rita-laptop")} == people


def test_several_names_of_one_line_are_one_person_by_the_first(rita: Key, keys: dict[str, Key]) -> None:
    laptop = keys["rita-laptop"]
    signers = allowed(
        rita.line('"rita@example.com,rita@old.example.com"'), laptop.line("rita@old.example.com")
    )

    assert verify(signers, rita.sign()) == verify(signers, laptop.sign()) == "rita@example.com"
    assert signs_with(str(laptop.path)).person(signers) == "rita@example.com"


def test_comments_options_and_odd_spacing_are_read_as_ssh_reads_them(rita: Key, keys: dict[str, Key]) -> None:
    signers = allowed(
        "# signers of the shop\n\n",
        keys["sam"].line("sam@example.com"),
        rita.line("rita@example.com", f'namespaces="git,{REVIEW}",valid-after="20200101"'),
    )

    assert verify(signers, rita.sign()) == "rita@example.com"
    assert verify(signers, keys["sam"].sign()) == "sam@example.com"
    crlf = Signers(signers.allowed.replace(b"\n", b"\r\n"))
    assert verify(crlf, keys["sam"].sign()) == "sam@example.com"


# -- no --------------------------------------------------------------------------------------------


def test_a_signature_for_git_is_none_for_a_review(rita: Key) -> None:
    signers = allowed(rita.line("rita@example.com"))

    assert "namespace" in verify(signers, rita.sign(namespace="git"))
    assert verify(signers, rita.sign(namespace="hotfix-authorize@v1")).startswith("no: ssh-keygen says")


def test_a_strangers_key_is_nobodys(rita: Key, keys: dict[str, Key]) -> None:
    stranger = keys["stranger"]

    said = verify(allowed(rita.line("rita@example.com")), stranger.sign())

    assert said == f"no: the key {stranger.fingerprint} is not on trunk's list of signers"
    assert verify(allowed(), rita.sign()).startswith("no: the key")
    assert signs_with(str(stranger.path)).person(allowed(rita.line("rita@example.com"))) == ""


@pytest.mark.parametrize("other", [MESSAGE + b" ", MESSAGE[:-1], b"", MESSAGE.replace(b"review", b"reject")])
def test_other_bytes_are_not_what_was_signed(rita: Key, other: bytes) -> None:
    assert verify(allowed(rita.line("rita@example.com")), rita.sign(), other).startswith(
        "no: ssh-keygen says"
    )


def test_a_signature_over_another_patch_or_purpose_does_not_count(rita: Key) -> None:
    signers = allowed(rita.line("rita@example.com"))

    for signed in (
        statement("authorize", PATCH, {"policy": "p" * 40}),
        statement("review", PATCH, {"policy": "q" * 40}),
        statement("review", msgspec.structs.replace(PATCH, result_tree="e" * 40), {"policy": "p" * 40}),
    ):
        assert verify(signers, rita.sign(signed)).startswith("no: ")


def test_another_persons_signature_under_ones_own_key_is_not_taken(rita: Key, keys: dict[str, Key]) -> None:
    """The key is read from the signature; swapping it there breaks the signature."""
    theirs, own = keys["sam"].sign().splitlines(), rita.sign().splitlines()
    signers = allowed(rita.line("rita@example.com"), keys["sam"].line("sam@example.com"))
    mixed = "\n".join([own[0], own[1], *theirs[2:]]) + "\n"

    assert verify(signers, mixed).startswith("no: ")


def test_a_key_whose_time_is_over_or_has_not_come_does_not_count(rita: Key) -> None:
    for option in ('valid-before="20200101"', 'valid-after="21000101"'):
        assert verify(allowed(rita.line("rita@example.com", option)), rita.sign()).startswith("no: ")


def test_a_key_for_other_purposes_does_not_count(rita: Key) -> None:
    assert verify(allowed(rita.line("rita@example.com", 'namespaces="git"')), rita.sign()).startswith("no: ")


def test_a_revoked_key_does_not_count(rita: Key, keys: dict[str, Key]) -> None:
    lines = rita.line("rita@example.com"), keys["sam"].line("sam@example.com")
    signers = allowed(*lines, revoked=rita.public + "\n")

    assert verify(allowed(*lines), rita.sign()) == "rita@example.com"
    assert verify(signers, rita.sign()).startswith("no: ssh-keygen says")
    assert verify(signers, keys["sam"].sign()) == "sam@example.com"


def test_a_binary_revocation_list_counts_as_well(rita: Key, keys: dict[str, Key], tmp_path: Path) -> None:
    krl = tmp_path / "krl"
    subprocess.run(["ssh-keygen", "-q", "-k", "-f", str(krl), str(rita.path) + ".pub"], check=True)
    lines = rita.line("rita@example.com") + keys["sam"].line("sam@example.com")
    signers = Signers(lines.encode(), krl.read_bytes())

    assert verify(signers, rita.sign()).startswith("no: ssh-keygen says")
    assert verify(signers, keys["sam"].sign()) == "sam@example.com"


def test_a_revocation_list_that_cannot_be_read_lets_nobody_through(rita: Key) -> None:
    signers = allowed(rita.line("rita@example.com"), revoked="this is no list of keys\n")

    assert verify(signers, rita.sign()).startswith("no: ")


@pytest.mark.parametrize(
    "principals", ["*", "*@example.com", "rita@example.co?", '"rita@example.com,*"', "!sam@example.com,*"]
)
def test_a_pattern_counts_for_nobody(rita: Key, principals: str) -> None:
    signers = allowed(rita.line(principals))

    assert verify(signers, rita.sign()).startswith("no: the key")
    assert signs_with(str(rita.path)).person(signers) == ""


def test_a_pattern_does_not_spoil_the_lines_beside_it(rita: Key, keys: dict[str, Key]) -> None:
    signers = allowed(keys["stranger"].line("*"), rita.line("rita@example.com"))

    assert verify(signers, rita.sign()) == "rita@example.com"
    assert verify(signers, keys["stranger"].sign()).startswith("no: the key")


def test_an_authority_for_certificates_is_nobody_itself(rita: Key) -> None:
    assert verify(allowed(rita.line("rita@example.com", "cert-authority")), rita.sign()).startswith("no: ")


def test_a_name_hidden_in_a_comment_is_nobody(rita: Key, keys: dict[str, Key]) -> None:
    """What an editor shows as one commented line is one, whatever Unicode calls a line separator."""
    for separator in ("\u2028", "\r", "\x0b", "\x85", "\x0c", "\x1c"):
        hidden = f"# retired:{separator}{rita.line('rita@example.com')}"
        assert signs_with(str(rita.path)).person(allowed(hidden)) == ""
        assert verify(allowed(hidden), rita.sign()).startswith("no: ")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "no signature",
        "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n",
        "\0",
        "\u2603" * 9,
    ],
)
def test_what_is_no_signature_is_no_yes(rita: Key, signature: str) -> None:
    assert verify(allowed(rita.line("rita@example.com")), signature) == "no: it is no SSH signature"


def test_a_signature_cut_short_is_no_yes(rita: Key) -> None:
    signers, whole = allowed(rita.line("rita@example.com")), rita.sign()
    lines = whole.splitlines(keepends=True)
    shortened = ["".join(lines[:keep]) for keep in range(2, len(lines))]
    shortened += ["".join([*lines[:keep], lines[-1]]) for keep in range(2, len(lines) - 1)]

    assert [verify(signers, cut)[:3] for cut in shortened] == ["no:"] * len(shortened)


# -- the key ---------------------------------------------------------------------------------------


def test_whose_key_it_is(rita: Key) -> None:
    signers = allowed(rita.line("rita@example.com"))
    for setting in (str(rita.path), str(rita.path) + ".pub", "key::" + rita.public, rita.public):
        signatures = signs_with(setting)
        assert signatures.key() == rita.fingerprint
        assert signatures.person(signers) == "rita@example.com"


def test_without_a_key_there_is_nobody_and_signing_says_what_to_do(rita: Key) -> None:
    signatures = signs_with("")

    assert signatures.key() == signatures.person(allowed(rita.line("rita@example.com"))) == ""
    with pytest.raises(Refused, match="no key to sign with") as told:
        signatures.sign(REVIEW, MESSAGE)
    assert "user.signingkey" in told.value.findings[0].next


def test_a_key_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read") as told:
        signs_with(str(tmp_path / "gone")).key()
    assert told.value.findings[0].code == "signature-key-unreadable"

    (tmp_path / "broken").write_text("no key\n")
    (tmp_path / "broken.pub").write_text("ssh-ed25519 AAAA x\n")
    with pytest.raises(Refused, match="ssh-keygen could not sign"):
        signs_with(str(tmp_path / "broken")).sign(REVIEW, MESSAGE)


@pytest.fixture
def agent(tmp_path: Path, rita: Key, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An agent that holds Rita's key."""
    socket = tmp_path / "s"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        wait = "import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)"
        subprocess.run([sys.executable, "-c", wait, str(socket)], check=True, timeout=30)
        subprocess.run(["ssh-add", "-q", str(rita.path)], check=True, capture_output=True)
        yield
    finally:
        agent.terminate()
        agent.wait()


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize("prefix", ["key::", ""])
def test_a_key_given_literally_signs_through_the_agent(rita: Key, prefix: str) -> None:
    signature = signs_with(prefix + rita.public).sign(REVIEW, MESSAGE)

    assert verify(allowed(rita.line("rita@example.com")), signature) == "rita@example.com"


@pytest.mark.usefixtures("agent")
def test_a_literal_key_that_the_agent_does_not_hold_is_told(keys: dict[str, Key]) -> None:
    with pytest.raises(Refused, match="ssh-keygen could not sign"):
        signs_with("key::" + keys["sam"].public).sign(REVIEW, MESSAGE)


# -- commits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_appends_are_signed_as_git_signs(
    tmp_path: Path, rita: Key, keys: dict[str, Key], object_format: str
) -> None:
    shop = repositories.create(tmp_path / "shop", f"--object-format={object_format}")
    shop.commit({b"a": b"a\n"}, branch="main")
    signatures = signs_with(str(rita.path))

    def sign(raw: bytes) -> bytes:
        return sign_commit(signatures, raw, sha256=object_format == "sha256")

    with repositories.record(shop.path, sign) as ledger:
        ledger.append(lambda _: Append("HF-1", ONE_OF_EACH[:1]), anchor=True)
        ledger.append(lambda _: Append("HF-1", ONE_OF_EACH[1:2]), anchor=True)
        appends = list(ledger.signatures())

    signers = allowed(rita.line("rita@example.com"))
    assert [verify(signers, append.signature, append.payload, "git") for append in appends] == [
        "rita@example.com"
    ] * 2
    (tmp_path / "allowed").write_bytes(signers.allowed)
    trusting = [
        "-c",
        "gpg.format=ssh",
        "-c",
        f"gpg.ssh.allowedSignersFile={tmp_path / 'allowed'}",
        "verify-commit",
    ]
    shop.git(*trusting, "hotfix-record", "hotfix-record~1")
    (tmp_path / "allowed").write_text(keys["sam"].line("sam@example.com"))
    assert shop.fails(*trusting, "hotfix-record")


def test_a_commit_that_git_signed_is_split_as_git_reads_it(tmp_path: Path, rita: Key) -> None:
    shop = repositories.create(tmp_path / "shop")
    setting = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={rita.path}"]
    shop.git(*setting, "commit", "-q", "-S", "--allow-empty", "-m", "subject\n\nbody\n gpgsig no header\n")

    payload, signature = split_commit(shop.raw("cat-file", "commit", "HEAD"))

    assert verify(allowed(rita.line("rita@example.com")), signature, payload, "git") == "rita@example.com"
    assert payload.endswith(b"\n\nsubject\n\nbody\n gpgsig no header\n")
    assert b"SIGNATURE" not in payload


def test_a_commit_without_a_key_stays_as_it_is(rita: Key) -> None:
    raw = b"tree " + b"1" * 40 + b"\nauthor x\ncommitter x\n\nwords\n"

    assert sign_commit(signs_with(""), raw, sha256=False) == raw
    assert split_commit(raw) == (raw, "")
    signed = sign_commit(signs_with(str(rita.path)), raw, sha256=False)
    assert split_commit(signed)[0] == raw
    assert verify(allowed(rita.line("r")), split_commit(signed)[1], raw, "git") == "r"


# -- programs that are missing or too old ------------------------------------------------------------


def program(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def test_without_ssh_keygen_the_refusal_says_what_to_install(
    rita: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature, signers = rita.sign(), allowed(rita.line("rita@example.com"))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    with pytest.raises(Refused, match="not installed, or not on PATH") as told:
        rita.sign()
    assert told.value.findings[0].next == "install OpenSSH 8.2 or newer"
    with pytest.raises(Refused, match="not installed, or not on PATH"):
        verify(signers, signature)


@pytest.mark.parametrize("version", ["OpenSSH_7.9p1, OpenSSL 1.1.1", "OpenSSH_8.1"])
def test_an_old_openssh_is_refused_by_its_version(
    rita: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    program(tmp_path / "bin", "ssh", f"echo '{version}' >&2")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    with pytest.raises(Refused, match=r"OpenSSH [78]\.[19] is too old") as told:
        rita.sign()
    assert told.value.findings[0].code == "signature-openssh"


@pytest.mark.parametrize("version", ["OpenSSH_8.2p1", "OpenSSH_10.0p2 Debian", "something else"])
def test_a_newer_or_unknown_ssh_is_no_obstacle(
    rita: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    program(tmp_path / "bin", "ssh", f"echo '{version}' >&2")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    assert verify(allowed(rita.line("rita@example.com")), rita.sign()) == "rita@example.com"


def test_an_ssh_keygen_that_crashes_is_no_yes(
    rita: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature, signers = rita.sign(), allowed(rita.line("rita@example.com"))
    for body in ("exit 1", "exit 0", "kill -SEGV $$", "echo Good; exit 255", "echo 'not Good'"):
        program(tmp_path / "bin", "ssh-keygen", body)
        with monkeypatch.context() as patch:
            patch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
            said = signs_with("").verify(signers, REVIEW, MESSAGE, signature)
            assert isinstance(said, Unverified)


def test_without_git_the_refusal_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    with pytest.raises(Refused, match="git is not installed") as told:
        GitProcess(tmp_path)
    assert told.value.findings[0].next == "install git 2.38 or newer"


@pytest.mark.parametrize(
    "version", ["git version 2.37.9", "git version 1.9.5.msysgit.1", "git version 2.9.0", "hello"]
)
def test_an_old_git_is_refused_by_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    program(tmp_path / "bin", "git", f"echo '{version}'")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    with pytest.raises(Refused, match=r"is too old: picking in memory needs git 2\.38") as told:
        GitProcess(tmp_path)
    assert version in told.value.findings[0].sentence
    assert told.value.findings[0].code == "git-too-old"
