"""Names of files and folders that every system takes."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 60
"""Characters of a folder's or a file's name: with both, a path stays within Windows' 260."""
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def safe_name(text: str) -> str:
    """A name for a file or folder on any system; its ending is kept."""
    visible = "".join(c for c in text if not unicodedata.category(c).startswith("C"))
    name = _NOT_IN_NAMES.sub(" ", visible).strip(" .")
    if len(name) > LONGEST:
        ending = PurePosixPath(name).suffix[:10]
        name = name[: LONGEST - len(ending)].rstrip(" .") + ending
    return f"_{name}" if _RESERVED.fullmatch(name) else name or "未命名"
