"""How long the way back takes on the demo's fleet, as a ratio to a bare swap and restart of the same units.

    python benchmarks/wayback.py [--runs 3]

A hotfix of the shop stands on its four units, in its observation window, when a guard turns red. Measured is
the time from the first failing sample, as the record has it, until the last unit answers with its former
release. The reference swaps `current` and restarts all four units at once by hand, on the same machine, right
before and after. Bar: twice the reference plus one check interval (the sample that confirms the failure).

It runs the demo's shop on loopback, and leaves nothing behind.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from urllib.error import URLError

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from examples.shop.world import LIVE, PRODUCTION, World

NEW = f"{LIVE}+hf.1"
RATIO = 2.0
LONGEST = 120.0


class Measured:
    """One way back, and the reference around it."""

    def __init__(self, way_back: float, round_seconds: float, bare: float) -> None:
        self.way_back = way_back
        self.round_seconds = round_seconds
        """From one sample to the next: the interval, and the asking itself."""
        self.bare = bare

    @property
    def ratio(self) -> float:
        """The way back without the confirming sample, by the bare swap and restart."""
        return (self.way_back - self.round_seconds) / self.bare


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    every = []
    for number in range(1, runs + 1):
        with tempfile.TemporaryDirectory(prefix="hotfix-wayback-") as scratch, World(Path(scratch)) as world:
            one = measure(world)
        every.append(one)
        print(
            f"{number}: way back {one.way_back:.2f} s, of it {one.round_seconds:.2f} s for the sample that "
            f"confirms; bare swap and restart {one.bare:.2f} s; {one.ratio:.2f}x"
        )
    ratio = statistics.median(one.ratio for one in every)
    print(f"median: {ratio:.2f}x the bare swap and restart, plus one check interval (bar: {RATIO}x)")
    sys.exit(0 if ratio <= RATIO else 1)


def measure(world: World) -> Measured:
    """Ship, break, and watch it come back."""
    _lengthen_the_window(world)
    _approve(world)
    before = bare(world)
    shipping = subprocess.Popen(
        ["hotfix", "ship"],
        cwd=world.olga.clone,
        env=world.olga.environment(world.path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait_for_the_window(shipping)
        back: dict[str, float] = {}
        watchers = [threading.Thread(target=_watch, args=(world, unit, back)) for unit in PRODUCTION]
        for watcher in watchers:
            watcher.start()
        _break_checkout(world)
        for watcher in watchers:
            watcher.join()
        shipping.wait(LONGEST)
    finally:
        shipping.kill()
        shipping.wait()
    if shipping.returncode != 10:
        raise SystemExit(f"hotfix ship ended with {shipping.returncode}, and it was to roll back")
    failing = _failing_samples(world)
    return Measured(
        max(back.values()) - failing[0],
        failing[1] - failing[0],
        statistics.mean((before, bare(world))),
    )


def bare(world: World) -> float:
    """Seconds to swap and restart all four units at once, until each answers with the other release."""
    started = time.time()
    with ThreadPoolExecutor(len(PRODUCTION)) as pool:
        list(pool.map(lambda unit: world.switch(unit, LIVE), PRODUCTION))
        back: dict[str, float] = {}
        list(pool.map(lambda unit: _watch(world, unit, back), PRODUCTION))
    return max(back.values()) - started


def _watch(world: World, unit: str, back: dict[str, float]) -> None:
    """Note when the unit answers with the release of before."""
    until = time.time() + LONGEST
    while time.time() < until:
        try:
            if world.release(unit) == LIVE:
                back[unit] = time.time()
                return
        except (URLError, OSError, ValueError):
            pass  # it is being restarted
        time.sleep(0.01)
    raise SystemExit(f"{unit} never came back")


def _lengthen_the_window(world: World) -> None:
    policy = world.rita.clone / "hotfix.toml"
    policy.write_text(policy.read_text().replace('window = "2s"', 'window = "10m"'))
    world.git(world.rita, "commit", "--quiet", "-am", "Watch longer")
    world.git(world.rita, "push", "--quiet", "origin", "main")
    world.git(world.olga, "fetch", "--quiet")


def _approve(world: World) -> None:
    words = ["--severity", "SEV2", "--detected", "5m", "--answer", "yes", "--impact", "x"]
    words += ["--not-flag", "x", "--not-return", "x"]
    _run(world, "olga", "start", "No e-mails", *words)
    fix = world.git(world.olga, "rev-parse", "origin/main~1").strip()
    _run(world, "olga", "pick", fix)
    _run(world, "rita", "review", "--approve")
    _run(world, "rita", "authorize")


def _run(world: World, login: str, *words: str) -> None:
    person = world.olga if login == "olga" else world.rita
    subprocess.run(
        ["hotfix", *words],
        cwd=person.clone,
        env=person.environment(world.path),
        stdin=subprocess.DEVNULL,
        check=True,
        capture_output=True,
    )


def _wait_for_the_window(shipping: "subprocess.Popen[bytes]") -> None:
    assert shipping.stderr is not None
    said = []
    for line in shipping.stderr:
        said.append(line.decode())
        if b"the way back stays warm" in line:
            threading.Thread(target=shipping.stderr.read).start()  # so that it never waits for a reader
            return
    raise SystemExit(f"the ship never reached its window:\n{''.join(said)}")


def _break_checkout(world: World) -> None:
    """A checkout that fails: the counter that a guard watches rises."""
    _, answer = world.ask(PRODUCTION[-1], "/carts", email="kim@example.org", items={"lamp": "no number"})
    status, _ = world.ask(PRODUCTION[-1], "/checkout", cart=json.loads(answer)["cart"], card="4242")
    if status != 500:
        raise SystemExit(f"the checkout was to fail, and answered {status}")


def _failing_samples(world: World) -> list[float]:
    """When samples failed, by the record, oldest first."""
    done = subprocess.run(
        ["hotfix", "log", "HF-1", "--json"],
        cwd=world.olga.clone,
        env=world.olga.environment(world.path),
        check=True,
        capture_output=True,
    )
    facts = [entry["fact"] for entry in json.loads(done.stdout)]
    return [
        datetime.fromisoformat(fact["at"]).timestamp()
        for fact in facts
        if fact["kind"] == "observed/1" and any(sample["outcome"] == "fail" for sample in fact["samples"])
    ]


if __name__ == "__main__":
    main()
