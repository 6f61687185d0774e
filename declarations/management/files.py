"""Reading and writing the files that a command line names."""

from pathlib import Path

from django.core.management import CommandError


def read_file(path: Path) -> bytes:
    """Raises CommandError where the file cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"无法读取 {path}：{_reason(error)}") from None


def write_file(path: Path, content: bytes) -> None:
    """Raises CommandError where the file cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"无法写入 {path}：{_reason(error)}") from None


def _reason(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "没有这个文件或文件夹"
        case IsADirectoryError():
            return "这是一个文件夹，请写出文件名"
        case NotADirectoryError():
            return "路径中有一段不是文件夹"
        case PermissionError():
            return "没有权限"
    return error.strerror or str(error)
