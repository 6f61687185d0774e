"""What a file is that is no .xlsx workbook, and what its owner can do about it."""

from declarations.sheets.incoming.report import UnreadableWorkbookError

SAVE_AS = "请用 Excel 或 WPS 打开后“另存为”，文件类型选择“Excel 工作簿（*.xlsx）”，再上传"

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_OLD_EXCEL = tuple(bytes.fromhex(start) for start in ("0908", "0904", "0902", "0900"))
_STARTS = (
    (b"%PDF", "这是 PDF 文件，不是 Excel 工作簿，请上传原来的 Excel 表格（.xlsx）"),
    (b"\x89PNG", "这是图片，不是 Excel 工作簿，请上传原来的 Excel 表格（.xlsx）"),
    (b"\xff\xd8\xff", "这是图片，不是 Excel 工作簿，请上传原来的 Excel 表格（.xlsx）"),
    (b"GIF8", "这是图片，不是 Excel 工作簿，请上传原来的 Excel 表格（.xlsx）"),
    (b"BM", "这是图片，不是 Excel 工作簿，请上传原来的 Excel 表格（.xlsx）"),
    (b"II*\x00", "这是图片，不是 Excel 工作簿，请上传原来的 Excel 表格（.xlsx）"),
    (b"MM\x00*", "这是图片，不是 Excel 工作簿，请上传原来的 Excel 表格（.xlsx）"),
    (b"Rar!", "这是压缩文件，请解压后上传其中的 Excel 工作簿（.xlsx）"),
    (b"7z\xbc\xaf", "这是压缩文件，请解压后上传其中的 Excel 工作簿（.xlsx）"),
    (b"\x1f\x8b", "这是压缩文件，请解压后上传其中的 Excel 工作簿（.xlsx）"),
    (b"{\\rtf", "这是 RTF 文档，不是 Excel 工作簿，请上传 Excel 表格（.xlsx）"),
)
_DIFFERENT_ZIPS = (
    ("word/", "这是 Word 文档，不是 Excel 工作簿，请上传 Excel 表格（.xlsx）"),
    ("ppt/", "这是 PPT 演示文稿，不是 Excel 工作簿，请上传 Excel 表格（.xlsx）"),
    ("ofd.xml", "这是 OFD 版式文件，不是 Excel 工作簿，请上传原来的 Excel 表格（.xlsx）"),
    ("xl/workbook.bin", f"这是 Excel 二进制工作簿（.xlsb），系统不能读取。{SAVE_AS}"),
    ("content.xml", f"这是 OpenDocument 表格（.ods），系统不能读取。{SAVE_AS}"),
)
_LOOKED_AT = 4096


def why_no_zip(content: bytes) -> UnreadableWorkbookError:
    """Why bytes that do not begin as a zip archive does cannot be read."""
    start = content[:_LOOKED_AT]
    if not content:
        return UnreadableWorkbookError("文件是空的，请检查后重新上传")
    if not start.strip(b"\x00"):
        return UnreadableWorkbookError("文件没有内容，可能没有保存或传输完整，请检查后重新上传")
    if start.startswith(_OLE):
        return UnreadableWorkbookError(_what_compound_file(content))
    for signature, message in _STARTS:
        if start.startswith(signature):
            return UnreadableWorkbookError(message)
    if start.startswith(_OLD_EXCEL):
        return UnreadableWorkbookError(f"这是旧版 Excel 工作簿（.xls），系统不能读取。{SAVE_AS}")
    return UnreadableWorkbookError(_what_text(start))


def why_no_workbook(names: set[str]) -> UnreadableWorkbookError:
    """Why a zip archive without a workbook in it cannot be read. names: in lower case."""
    for part, message in _DIFFERENT_ZIPS:
        if any(name.startswith(part) for name in names):
            return UnreadableWorkbookError(message)
    if any(name.endswith((".xlsx", ".xls", ".et")) for name in names):
        return UnreadableWorkbookError("这是压缩文件，请解压后上传其中的 Excel 工作簿（.xlsx）")
    return UnreadableWorkbookError(f"文件中没有 Excel 工作簿，可能已损坏。{SAVE_AS}")


def _what_compound_file(content: bytes) -> str:
    """Old Office files, and new ones with a password, come in Microsoft's compound format."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if holds("EncryptedPackage"):
        return "工作簿设有打开密码，系统不能读取。请用 Excel 或 WPS 打开，取消密码并保存后再上传"
    if holds("WordDocument"):
        return "这是 Word（或 WPS 文字）文档，不是 Excel 工作簿，请上传 Excel 表格（.xlsx）"
    if holds("PowerPoint Document"):
        return "这是 PPT 演示文稿，不是 Excel 工作簿，请上传 Excel 表格（.xlsx）"
    return f"这是旧版 Excel（.xls）或 WPS 表格（.et）文件，系统不能读取。{SAVE_AS}"


def _what_text(start: bytes) -> str:
    lowered = start.lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in lowered:
        return f"这是“XML 表格”，系统不能读取。{SAVE_AS}"
    if b"<html" in lowered or b"<table" in lowered or b"<!doctype html" in lowered:
        return f"这是网页文件，只是文件名像 Excel 工作簿。{SAVE_AS}"
    if lowered.startswith(b"mime-version:"):
        return f"这是网页归档文件，只是文件名像 Excel 工作簿。{SAVE_AS}"
    if _is_text(start):
        return f"这是文本文件（例如 .csv），不是 Excel 工作簿。{SAVE_AS}"
    return f"这不是 Excel 工作簿（.xlsx），或者文件已损坏。{SAVE_AS}"


def _is_text(start: bytes) -> bool:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\x00" in start:
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # the last character may be cut off
            try:
                text = start[: len(start) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return all(c.isprintable() or c in "\r\n\t" for c in text.removeprefix("\ufeff"))
    return False
