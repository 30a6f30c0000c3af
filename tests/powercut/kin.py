"""Everything that a process started, however it hid itself: so that all of it dies at the same moment as its machine."""

import ctypes
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_PAUSE = 0.01


def adopt() -> None:
    """From now on whatever our children leave behind becomes our own child."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "this system lets no process adopt what others leave behind")


def end_all() -> None:
    """Kill every child of ours, and then what each of them leaves behind, until there is none."""
    while children := Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        for child in children:
            os.kill(int(child), signal.SIGKILL)  # not reaped yet, so the number is nobody else's
        time.sleep(_PAUSE)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
