"""A mail server that keeps what it gets: as much of SMTP (RFC 5321) as a client needs."""

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from email.policy import default


class _Dialogue(socketserver.StreamRequestHandler):
    server: "MailServer"

    def handle(self) -> None:
        self.say("220 mail.example.com")
        self.server.connections += 1
        while line := self.rfile.readline().decode():
            match line.split(maxsplit=1)[0].upper():
                case "RCPT" if any(address in line for address in self.server.unknown):
                    self.say("550 no such user")
                case "DATA":
                    self.say("354 go on")
                    self.server.keep(b"".join(iter(self.rfile.readline, b".\r\n")))
                    self.say("250 kept")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """unknown: addresses that it refuses. letters: what it has taken."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.unknown: set[str] = set()
        self.letters: list[Message] = []
        self.connections = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def keep(self, raw: bytes) -> None:
        self.letters.append(email.message_from_bytes(raw, policy=default))

    def addresses(self) -> list[str]:
        """Whom it has letters for, in order."""
        return [str(letter["To"]) for letter in self.letters]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Runs one on a free port of this machine."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
