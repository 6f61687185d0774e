"""How the files of a bulk export are named: a pattern with tags, as the bureau sets it.

``{year}年/{department}{form}`` gives ``2023年/番禺区残疾人联合会部门整体支出绩效目标申报表``. A ``/`` in the
pattern makes a folder, one in a value never does: every name is made safe by itself.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from declarations.sheets.file_names import safe_name

FIELDS = {
    "department": "部门名称",
    "code": "部门编码",
    "year": "年度",
    "form": "表样名称",
    "kind": "种类",
    "round": "批次名称",
    "revision": "版本号",
    "state": "状态",
}
"""The tags that there are, with what they stand for."""

MOST_FOLDERS = 3
"""Folders in one another: with the file's name they stay within Windows' 260 characters."""
_TAG = re.compile(r"\{([^{}]*)\}")


class PatternError(ValueError):
    """The pattern cannot be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: Collection[str]) -> None:
        self.problems = list(problems)
        super().__init__("；".join(problems))


def check_pattern(pattern: str) -> None:
    """Raises PatternError, where it cannot be used."""
    if problems := list(_problems(pattern)):
        raise PatternError(problems)


def path_of(pattern: str, values: Mapping[str, str]) -> str:
    """The path that a pattern gives for the FIELDS' values, relative, without an ending.

    Raises PatternError where the pattern cannot be used.
    """
    check_pattern(pattern)
    return "/".join(
        safe_name(_TAG.sub(lambda tag: values[tag[1]], part)) for part in pattern.split("/")
    )


def apart(paths: Iterable[str], taken: Collection[str] = ()) -> Iterator[str]:
    """The same paths, each once: another of one name gets ``-2`` at its end, the next ``-3``.

    Also of those that only some systems tell apart, by capitals or by how a letter is encoded.
    taken: names at the top, of files or folders, that are not to be used.
    """
    known = {_same(name) for name in taken}
    closed = frozenset(known)
    for path in paths:
        top, slash, _ = path.partition("/")
        base = f"_{path}" if slash and _same(top) in closed else path
        found, number = base, 1
        while _same(found) in known:
            number += 1
            found = f"{base}-{number}"
        known.add(_same(found))
        yield found


def _same(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _problems(pattern: str) -> Iterator[str]:
    if not pattern.strip():
        yield "请填写文件名格式"
        return
    for tag in dict.fromkeys(_TAG.findall(pattern)):
        if tag not in FIELDS:
            known = "、".join(f"{{{name}}}" for name in FIELDS)
            yield f"没有“{{{tag}}}”这一项，可以用的有 {known}"
    outside = _TAG.sub("", pattern)
    if "{" in outside or "}" in outside:
        yield "花括号要成对，例如 {department}"
    if not _TAG.search(pattern):
        yield "至少要有一项随文件变化的内容，例如 {department}"
    parts = PurePosixPath(pattern).parts
    if pattern.startswith("/") or pattern.endswith("/") or "//" in pattern:
        yield "“/”前后都要有名称"
    elif any(part.strip(" .") == "" for part in pattern.split("/")):
        yield "文件夹名不能只有“.”"
    if len(parts) > MOST_FOLDERS + 1:
        yield f"文件夹最多 {MOST_FOLDERS} 层"
