"""A mail server that takes every e-mail and delivers none: each becomes one JSON line of the mailbox.

python smtp_sink.py PORT MAILBOX
"""

import asyncio
import json
import sys
from email import message_from_bytes, policy
from pathlib import Path


class Conversation:
    """One SMTP client, from greeting to QUIT: as much of RFC 5321 as a polite client needs."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mailbox: Path) -> None:
        self._reader, self._writer, self._mailbox = reader, writer, mailbox
        self._recipients: list[str] = []

    async def run(self) -> None:
        """Speak until the client leaves."""
        await self._say("220 sink takes everything")
        while line := await self._reader.readline():
            verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    await self._say("250 sink")
                case "MAIL" | "RSET":
                    self._recipients = []
                    await self._say("250 OK")
                case "RCPT":
                    self._recipients.append(rest.partition("<")[2].partition(">")[0])
                    await self._say("250 OK")
                case "DATA":
                    await self._say("354 go on")
                    self._keep(await self._body())
                    await self._say("250 taken")
                case "NOOP":
                    await self._say("250 OK")
                case "QUIT":
                    await self._say("221 bye")
                    break
                case _:
                    await self._say("502 not spoken here")
        self._writer.close()
        await self._writer.wait_closed()

    async def _say(self, line: str) -> None:
        self._writer.write(line.encode() + b"\r\n")
        await self._writer.drain()

    async def _body(self) -> bytes:
        lines = []
        while (line := await self._reader.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def _keep(self, body: bytes) -> None:
        message = message_from_bytes(body, policy=policy.default)
        mail = {"to": self._recipients, "subject": str(message["Subject"] or "")}
        with self._mailbox.open("a") as mailbox:
            mailbox.write(json.dumps(mail) + "\n")


async def serve(port: int, mailbox: Path) -> None:
    """Take e-mails on loopback until told to stop."""
    mailbox.touch()
    server = await asyncio.start_server(
        lambda reader, writer: Conversation(reader, writer, mailbox).run(), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
