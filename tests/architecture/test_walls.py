"""The walls of ``tests/conftest.py`` stand: every one is run into here."""

import os
import pwd
import socket
import subprocess
from pathlib import Path

import pytest


def passwd_home() -> Path:
    return Path(pwd.getpwuid(os.getuid()).pw_dir)


def test_home_is_a_directory_of_this_session(isolated: Path) -> None:
    assert Path.home() == isolated
    assert Path("~/.config").expanduser() == isolated / ".config"
    assert Path(os.environ["XDG_CONFIG_HOME"]).is_relative_to(isolated)


def test_git_sees_nobodys_configuration() -> None:
    seen = subprocess.run(
        ["git", "config", "--list", "--show-origin"], cwd="/", capture_output=True, text=True, check=False
    )
    assert seen.stdout == ""


def test_git_speaks_no_protocol_but_file(tmp_path: Path) -> None:
    asked = subprocess.run(
        ["git", "ls-remote", "https://127.0.0.1:1/x.git"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode != 0
    assert "transport 'https' not allowed" in asked.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "0.0.0.0"])
def test_nothing_outside_loopback_is_reached(host: str) -> None:
    with socket.socket() as client, pytest.raises(AssertionError, match="on loopback"):
        client.connect((host, 9))


def test_no_name_of_another_machine_is_even_looked_up() -> None:
    with pytest.raises(AssertionError, match="on loopback"):
        socket.create_connection(("example.invalid", 9))


def test_nothing_outside_loopback_is_reached_over_ipv6_either() -> None:
    with socket.socket(socket.AF_INET6) as client, pytest.raises(AssertionError, match="on loopback"):
        client.connect_ex(("2001:db8::1", 9))


def test_loopback_and_unix_sockets_are_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(("127.0.0.1", server.getsockname()[1]))
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


@pytest.mark.skipif(
    passwd_home() == Path("/"), reason="this account's home directory is the root of the file system"
)
def test_the_real_home_directory_cannot_be_written() -> None:
    """Also where code goes round ``HOME`` and asks the system for the account's directory."""
    mark = passwd_home() / ".hotfix-test-must-not-exist"
    with pytest.raises(AssertionError, match="home directory"):
        mark.write_text("trespass")
    with pytest.raises(AssertionError, match="home directory"):
        mark.mkdir()
    assert not mark.exists()
