"""Reads every public address as anybody would, and gives what it says in plain text.

Links are followed wherever they stand: in pages, feeds, site maps, CSV, JSON, XLSX, DOCX, PDF.
"""

import csv
import html
import json
import re
import subprocess
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from zipfile import ZipFile

from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

MOST = 3_000
"""Addresses; more is a crawler that has lost its way."""
_BLANK = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[\s\-—–－()（）+]+")
_TAGS = re.compile(r"<[^>]*>")
_LINK = re.compile(r"https?://[^\s\"'<>()）]+")
_DRAWN = {"/Length1", "/Width"}
"""What the streams of fonts and pictures have; no text is in these."""
_NARROW = {0xFF01 + n: 0x21 + n for n in range(94)}


@dataclass(frozen=True)
class Found:
    """An answer. name: of its address in config/urls.py. texts: all it says, by where in it."""

    address: str
    name: str
    status: int
    media_type: str
    texts: dict[str, str]

    def __str__(self) -> str:
        return f"{self.status} {self.address}"

    @cached_property
    def searched(self) -> dict[str, tuple[str, str]]:
        """The texts as they are searched: without blanks, and without what separates digits."""
        texts = {part: plain(text) for part, text in self.texts.items()}
        return {part: (text, _digits(text)) for part, text in texts.items()}

    def says(self, text: str) -> list[str]:
        """Where in it a text stands, however it is broken, spaced, escaped or written."""
        wanted = plain(text)
        digits = _digits(wanted) if _digits(wanted).isdecimal() else wanted
        return [
            part
            for part, (said, numbers) in self.searched.items()
            if wanted in said or digits in numbers
        ]


@dataclass
class Crawler:
    """Everything that is reached from where it starts. found: by address."""

    client: Client = field(default_factory=Client)
    found: dict[str, Found] = field(default_factory=dict)

    def crawl(self, *starts: str) -> None:
        """Reads these addresses, and whatever they lead to."""
        waiting = deque(starts)
        while waiting:
            address = waiting.popleft()
            if address in self.found or not _is_public(address):
                continue
            assert len(self.found) < MOST, f"too much: {address}"
            waiting.extend(self.read(address, self.client.get(address)))

    def send(self, address: str, **sent: Any) -> Found:
        """Posts something, and notes the answer under the address with what was sent."""
        key = f"{address} ← {', '.join(sent)} {len(self.found)}"
        self.read(key, self.client.post(address, sent), at=address)
        return self.found[key]

    def read(self, key: str, answer: Any, at: str = "") -> list[str]:
        """Notes an answer; the addresses that it names."""
        address = at or key
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        media_type = answer.get("Content-Type", "").partition(";")[0]
        told = "\n".join(f"{name}: {unquote(value)}" for name, value in answer.items())
        texts = {"headers": told, **dict(texts_of(content, media_type))}
        name = _name_of(urlsplit(address).path)
        self.found[key] = Found(address, name, answer.status_code, media_type, texts)
        named = list(_links(content, media_type, texts))
        if "Location" in answer:
            named.append(answer["Location"])
        return [_local(urljoin(address, link)) for link in named]

    def of(self, name: str) -> list[Found]:
        """The answers of an address of this name."""
        return [found for found in self.found.values() if found.name == name]

    def saying(self, text: str) -> list[str]:
        """Where a text stands in all that was read."""
        return [f"{f} {part}" for f in self.found.values() for part in f.says(text)]


def plain(text: str) -> str:
    """A text without blanks, in half-width and small letters."""
    return _BLANK.sub("", text.translate(_NARROW)).lower()


def _digits(text: str) -> str:
    return _SEPARATORS.sub("", text)


def _name_of(path: str) -> str:
    """What an address is called in config/urls.py; "" where it is none."""
    try:
        return str(resolve(path).url_name)
    except Resolver404:
        return ""


def _local(link: str) -> str:
    return link.removeprefix(settings.ADDRESS).partition("#")[0]


def _is_public(address: str) -> bool:
    return address.startswith("/public") or address == "/robots.txt"


def texts_of(content: bytes, media_type: str) -> Iterator[tuple[str, str]]:
    """All that a file says, its properties and whatever is hidden in it, by where it stands."""
    if content.startswith(b"%PDF"):
        yield from _of_pdf(content)
    elif content.startswith(b"PK"):
        yield from _of_archive(content)
    elif media_type.endswith("json"):
        yield "json", json.dumps(json.loads(content), ensure_ascii=False)
    else:
        text = content.decode("utf-8-sig")
        yield "text", html.unescape(text)
        if media_type in ("text/html", "application/xml", "application/atom+xml"):
            yield "without tags", html.unescape(_TAGS.sub("", text))


def _of_pdf(content: bytes) -> Iterator[tuple[str, str]]:
    """What is on the pages, the properties, and every string and stream inside."""
    for order in ("-layout", "-raw"):
        command = ["pdftotext", order, "-", "-"]
        done = subprocess.run(command, input=content, capture_output=True, check=True)
        yield f"pages {order}", done.stdout.decode()
    reader = PdfReader(BytesIO(content))
    yield "properties", str(reader.metadata)
    for number in range(1, int(reader.trailer["/Size"])):
        value = IndirectObject(number, 0, reader).get_object()
        yield f"object {number}", "\n".join(_strings(value))
    for name, files in reader.attachments.items():
        yield f"attachment {name}", name
        for file in files:
            for part, text in texts_of(file, "text/plain"):
                yield f"attachment {name} {part}", text


def _strings(value: Any) -> Iterator[str]:
    """Every text in an object of a PDF, references to others left to themselves."""
    if isinstance(value, StreamObject) and not _DRAWN & value.keys():
        yield value.get_data().decode("utf-8", "replace")
    if isinstance(value, DictionaryObject):
        for key in value:
            yield str(key)
            yield from _strings(value.raw_get(key))
    elif isinstance(value, ArrayObject):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")


def _of_archive(content: bytes) -> Iterator[tuple[str, str]]:
    """Every part of an XLSX or DOCX, as it stands and without its tags, and their names."""
    with ZipFile(BytesIO(content)) as archive:
        yield "names", "\n".join(archive.namelist()) + archive.comment.decode("utf-8", "replace")
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace")
            yield name, html.unescape(text)
            yield f"{name} without tags", html.unescape(_TAGS.sub("", text))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [link for key in ("href", "src", "action") if (link := given.get(key))]


def _links(content: bytes, media_type: str, texts: dict[str, str]) -> Iterator[str]:
    """The addresses that an answer names: in a page what it links to, else whatever is written."""
    if media_type == "text/html":
        parser = _Links()
        parser.feed(content.decode())
        yield from parser.found
    elif media_type == "text/csv":
        for row in csv.reader(StringIO(content.decode("utf-8-sig"), newline="")):
            yield from (cell for cell in row if cell.startswith(settings.ADDRESS))
    else:
        for text in texts.values():
            yield from (link for link in _LINK.findall(text) if link.startswith(settings.ADDRESS))
