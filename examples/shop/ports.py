"""Ports for services that are stopped and started again."""

import os
import socket


def free_ports(count: int) -> list[int]:
    """Ports of loopback on which nobody listens, from below the range that the system hands out.

    One of that range might be given to somebody else's connection while its service is between two lives. Each
    process looks in a corner of its own, so that two that look at once do not choose the same.

    Raises OSError where there are not so many.
    """
    found: list[int] = []
    for port in range(20000 + os.getpid() % 1000 * 12, 32000 + count):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"no {count} free ports between 20000 and 32000: end what listens there and try again")
