"""A mount namespace of its own, in which disks can be full and folders read-only: root minds no permission bits."""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_AS_ROOT = ("unshare", "--mount", "--propagation", "private")
_AS_ANYBODY = ("unshare", "--map-root-user", "--mount", "--propagation", "private")


class Place:
    """The namespace: it lasts as long as the block, and takes every mount with it."""

    def __init__(self) -> None:
        self._entering: tuple[str, ...] = ()

    def __enter__(self) -> "Place":
        unshare = _AS_ROOT if os.getuid() == 0 else _AS_ANYBODY
        # It says when it is there, and waits for its standard input to be closed.
        self._holder = subprocess.Popen(
            [*unshare, "sh", "-c", "echo $$; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._holder.stdout is not None
        pid = self._holder.stdout.readline().strip().decode()
        self._name = Path(f"/proc/{pid}/ns/mnt").readlink()
        user = () if os.getuid() == 0 else ("--user", "--preserve-credentials")
        self._entering = ("nsenter", f"--target={pid}", "--mount", *user, "env", "-C")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._end_what_is_left()
        self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()

    def _end_what_is_left(self) -> None:
        """Reminders go on for a day, and programs that nothing ends go on for ever."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if int(process.name) != self._holder.pid and (process / "ns/mnt").readlink() == self._name:
                    os.kill(int(process.name), signal.SIGKILL)

    def argv(self, folder: Path, *words: str) -> list[str]:
        """The command that runs `words` in there, in `folder`."""
        return [*self._entering, str(folder), *words]

    def do(self, *words: str, env: Mapping[str, str] | None = None) -> str:
        """Run a command in there; what it printed."""
        done = subprocess.run(
            self.argv(Path("/"), *words), env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def with_own_temporary_folders(self, *seen: Path) -> None:
        """Let the system's temporary folders be empty ones in here, but for what is `seen` below them."""
        for system, size in ((Path("/tmp"), "1m"), (Path("/var/tmp"), "1m"), (Path("/dev/shm"), "4m")):
            inside = {path.resolve() for path in seen if path.resolve().is_relative_to(system)}
            new = system / f"adversity-{os.getpid()}"
            self.do("mkdir", "-p", str(new))
            self.do("mount", "-t", "tmpfs", "-o", f"size={size},mode=1777", "none", str(new))
            for path in sorted(inside):
                self.do("mkdir", "-p", str(new / path.relative_to(system)))
                self.do("mount", "--rbind", str(path), str(new / path.relative_to(system)))
            self.do("mount", "--no-mtab", "--move", str(new), str(system))
            new.rmdir()

    # -- troubles --

    def on_a_small_disk(self, folder: Path, megabytes: int) -> None:
        """From now on the folder, with what is in it, is on a disk of its own."""
        aside = folder.with_name(folder.name + ".below")
        self.do("mkdir", str(aside))
        self.do("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(aside))
        self.do("cp", "-a", f"{folder}/.", str(aside))
        self.do("mount", "--no-mtab", "--move", str(aside), str(folder))
        self.do("rmdir", str(aside))

    def fill(self, folder: Path) -> None:
        """Leave not one byte on the disk that the folder is on."""
        # The last blocks go one by one: a file system has some more for whoever wants only a little.
        script = 'n=0; cat /dev/zero > "$0/filling-0"; while n=$((n + 1)) && echo x > "$0/filling-$n"; do :; done; true'
        self.do("sh", "-c", script, str(folder))

    def free(self, folder: Path) -> None:
        """As it was before :meth:`fill`."""
        self.do("sh", "-c", 'rm "$0"/filling-*', str(folder))

    def read_only(self, folder: Path) -> None:
        """Let nobody write the folder."""
        self.do("mount", "--bind", str(folder), str(folder))
        self.do("mount", "-o", "remount,bind,ro", str(folder))

    def writable(self, folder: Path) -> None:
        """As it was before :meth:`read_only`."""
        self.do("umount", str(folder))


def why_not() -> str:
    """Why there can be no such place here; empty where there can."""
    unshare = _AS_ROOT if os.getuid() == 0 else _AS_ANYBODY
    try:
        done = subprocess.run(
            [*unshare, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True
        )
    except FileNotFoundError as error:
        return str(error)
    return "" if done.returncode == 0 else done.stderr.strip()
