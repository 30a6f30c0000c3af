"""The shop's git: a bare remote, people with homes, keys and clones, and a history with a defect in it."""

import email
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

HISTORY = Path(__file__).parent / "history"
NAMESPACES = "git,hotfix-review@v1,hotfix-authorize@v1,hotfix-override@v1"


@dataclass(frozen=True)
class Person:
    """Somebody of the shop's team, with a home of their own."""

    name: str
    folder: Path

    @property
    def login(self) -> str:
        """The first name, as at a prompt."""
        return self.name.split()[0].lower()

    @property
    def email(self) -> str:
        """Also the principal in the list of signers."""
        return f"{self.login}@shop.example"

    @property
    def clone(self) -> Path:
        """Where they work."""
        return self.folder / "shop"

    @property
    def key(self) -> Path:
        """Their private key; the public one lies beside it."""
        return self.folder / ".ssh" / "id_ed25519"

    def environment(self, path: str) -> dict[str, str]:
        """What their programs see: their own home, and nothing of the person who runs the demo."""
        kept = {name: os.environ[name] for name in ("PYTHONPATH", "TMPDIR") if name in os.environ}
        return kept | {
            "HOME": str(self.folder),
            "PATH": path,
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }

    def move_in(self) -> None:
        """Make home, key and git configuration."""
        self.key.parent.mkdir(parents=True, mode=0o700)
        keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", self.email, "-f", str(self.key)]
        subprocess.run(keygen, check=True)
        (self.folder / ".gitconfig").write_text(
            f"[user]\n\tname = {self.name}\n\temail = {self.email}\n\tsigningkey = {self.key}.pub\n"
            "[gpg]\n\tformat = ssh\n[init]\n\tdefaultBranch = main\n"
        )

    def signer(self) -> str:
        """Their line in the list of signers."""
        kind, key = self.key.with_suffix(".pub").read_text().split()[:2]
        return f'{self.email} namespaces="{NAMESPACES}" {kind} {key}\n'


@dataclass(frozen=True)
class Repository:
    """The remote, and the clones that people made of it."""

    remote: Path
    path: str
    """The search path that git and everything else is found on."""

    def git(self, person: Person, *words: str, when: datetime | None = None) -> str:
        """Run git in the person's clone, at another moment if wanted; returns its output, stripped."""
        environment = person.environment(self.path)
        if when is not None:
            stamp = f"{int(when.timestamp())} +0000"
            environment |= {"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
        done = subprocess.run(
            ["git", *words], cwd=person.clone, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout.strip()

    def found(self, person: Person, policy: str, signers: str) -> None:
        """The shop up to v2.13.0, three weeks ago, in a new clone of an empty remote."""
        environment = person.environment(self.path)
        # The main line only ever grows, as on any forge with branch protection.
        for words in (
            ["init", "-q", "--bare", "-b", "main"],
            ["config", "receive.denyNonFastForwards", "true"],
        ):
            self.remote.mkdir(exist_ok=True)
            subprocess.run(["git", *words], cwd=self.remote, env=environment, check=True)
        person.clone.mkdir()
        self.git(person, "init", "-q")
        self.git(person, "remote", "add", "origin", str(self.remote))
        shutil.copytree(
            HISTORY / "v2.13.0",
            person.clone,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        when = _thursday() - timedelta(days=21)
        self.git(person, "add", ".gitignore", "README.md", "pytest.ini", "shop", "tests")
        self._commit(person, "Ada Byron <ada@shop.example>", "Carts, checkout and reminders", when)
        (person.clone / "hotfix.toml").write_text(policy)
        (person.clone / ".hotfix").mkdir()
        (person.clone / ".hotfix" / "allowed_signers").write_text(signers)
        self.git(person, "add", "ops", "hotfix.toml", ".hotfix")
        self._commit(
            person, f"{person.name} <{person.email}>", "How we ship a hotfix", when + timedelta(hours=2)
        )
        self._tag(person, "v2.13.0", when + timedelta(hours=3))

    def grow(self, person: Person, fix: str) -> None:
        """The refactor that went out on Thursday, features that did not go out yet, and the fix just now."""
        thursday, now = _thursday(), datetime.now(UTC)
        for number, patch in enumerate(("1-payment", "2-cart-states", "3-readme")):
            self._apply(person, f"v2.14.0-{patch}", thursday - timedelta(hours=30 - 10 * number))
        self._tag(person, "v2.14.0", thursday)
        since = now - timedelta(hours=1) - thursday
        self._apply(person, "unreleased-1-wishlists", thursday + since / 3)
        self._apply(person, "unreleased-2-giftcards", thursday + since / 2)
        self._apply(person, fix, now - timedelta(minutes=5))
        self.git(person, "push", "-q", "-u", "origin", "main", "v2.13.0", "v2.14.0")
        self.git(person, "remote", "set-head", "origin", "main")

    def clone(self, person: Person) -> None:
        """Give somebody a clone of the remote."""
        subprocess.run(
            ["git", "clone", "-q", str(self.remote), str(person.clone)],
            env=person.environment(self.path),
            check=True,
        )

    def export(self, person: Person, release: str, folder: Path) -> None:
        """Write the release's files into `folder`."""
        folder.mkdir(parents=True)
        archive = folder.with_suffix(".tar")
        self.git(person, "archive", "--format=tar", "-o", str(archive), release)
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
        archive.unlink()

    def _apply(self, person: Person, name: str, when: datetime) -> None:
        patch = HISTORY / f"{name}.patch"
        head = email.message_from_string(patch.read_text())
        body = str(head.get_payload()).partition("\n---\n")[0]
        self.git(person, "apply", "--index", str(patch))
        self._commit(person, head["From"], f"{head['Subject']}\n\n{body}", when)

    def _commit(self, person: Person, author: str, message: str, when: datetime) -> None:
        name, _, address = author.rstrip(">").partition(" <")
        self.git(
            person,
            "-c",
            f"user.name={name}",
            "-c",
            f"user.email={address}",
            "commit",
            "-qm",
            message,
            when=when,
        )

    def _tag(self, person: Person, release: str, when: datetime) -> None:
        self.git(person, "tag", "-a", "-m", f"Release {release}", release, when=when)


def _thursday() -> datetime:
    """The last Thursday, 16:00 UTC, that lies at least three hours back."""
    late = datetime.now(UTC) - timedelta(hours=3)
    afternoon = late.replace(hour=16, minute=0, second=0, microsecond=0)
    days = (late.weekday() - 3) % 7
    if days == 0 and afternoon > late:
        days = 7
    return afternoon - timedelta(days=days)
