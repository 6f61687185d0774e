"""Embedded fonts: small, and otherwise what they were."""

import random
import subprocess
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pydyf
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import RecordingPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from declarations.sheets import archival
from declarations.sheets.archival import lay_out, write_archival
from declarations.sheets.cff import (
    BrokenFontError,
    Dictionary,
    long_integer,
    read_dictionary,
    read_integers,
    write_dictionary,
    write_index,
)
from declarations.sheets.embedded_fonts import OtherFontError, compact_fonts, compacted
from declarations.sheets.pdf import render_pdf
from tests.sheets import panyu
from tests.sheets.making import IMPRINT, TITLE, sample_table

NAMES = [
    "caidian-target",
    "huadu-self-evaluation",
    "liwan-report",
    "liwan-self-evaluation",
    "panyu-target",
]
LEFT_ALONE = (OtherFontError, BrokenFontError)


@cache
def small(name: str) -> bytes:
    return render_pdf(sample_table(name), title=TITLE, imprint=IMPRINT)


@cache
def large(name: str) -> bytes:
    """The same as WeasyPrint alone writes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archival, "compact_fonts", lambda _: None)
        return render_pdf(sample_table(name), title=TITLE, imprint=IMPRINT)


def run(folder: Path, pdf: bytes, *command: str) -> bytes:
    """What a command says of a PDF, with the pages that it drew."""
    folder.mkdir(exist_ok=True)
    (folder / "form.pdf").write_bytes(pdf)
    answer = subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    assert not answer.stderr
    return answer.stdout + b"".join(p.read_bytes() for p in sorted(folder.glob("page-*")))


def fonts_of(pdf: bytes) -> dict[str, tuple[bytes, str, dict[int, float]]]:
    """By name: program, its kind, and the width of each character in thousandths of an em."""
    found = {}
    for page in PdfReader(BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            (descendant,) = font["/DescendantFonts"]
            descriptor = descendant.get_object()["/FontDescriptor"]
            file = descriptor.get("/FontFile3", descriptor.get("/FontFile2")).get_object()
            listed = descendant.get_object()["/W"]
            widths = {
                first + number: float(width)
                for first, group in zip(listed[::2], listed[1::2], strict=True)
                for number, width in enumerate(group.get_object())
            }
            kind = str(file.get("/Subtype", ""))
            found[str(descriptor["/FontName"])] = (file.get_data(), kind, widths)
    return found


def open_type(name: str = "panyu-target") -> tuple[bytes, list[int]]:
    """A font as WeasyPrint embeds it, and the characters that are drawn of it."""
    program, kind, widths = next(iter(fonts_of(large(name)).values()))
    assert kind == "/OpenType"
    return program, sorted(widths)


def read(program: bytes) -> CFFFontSet:
    fonts = CFFFontSet()
    fonts.decompile(BytesIO(program), None)
    return fonts


def drawn(fonts: CFFFontSet, character: int) -> tuple[object, float]:
    """The outlines and the width of a character."""
    glyph = fonts[0].CharStrings[f"cid{character:05d}" if character else ".notdef"]
    pen = RecordingPen()
    glyph.draw(pen)
    return pen.value, glyph.width


# What it is good for


def test_a_form_is_small() -> None:
    pdf = render_pdf(panyu.table(), title=TITLE, imprint=IMPRINT)
    assert len(pdf) < 150_000


@pytest.mark.parametrize("name", NAMES)
def test_fonts_hold_what_is_drawn_and_nothing_else(name: str) -> None:
    assert len(small(name)) < len(large(name)) / 3
    before, after = fonts_of(large(name)), fonts_of(small(name))
    assert before.keys() == after.keys()
    for font, (program, kind, widths) in after.items():
        assert kind == "/CIDFontType0C"
        assert widths == before[font][2]
        old, new = TTFont(BytesIO(before[font][0]))["CFF "].cff, read(program)
        assert new[0].ROS == ("Adobe", "Identity", 0)
        assert set(new[0].charset) == {".notdef"} | {f"cid{n:05d}" for n in widths if n}
        for character, width in widths.items():
            assert drawn(new, character) == drawn(old, character)
            assert drawn(new, character)[1] == pytest.approx(width, abs=1), "PDF/A: widths agree"


# What stays the same


@pytest.mark.parametrize("name", NAMES)
def test_pages_look_the_same_to_the_pixel(name: str, tmp_path: Path) -> None:
    draw = ("pdftoppm", "-r", "150", "form.pdf", "page")
    before = run(tmp_path / "before", large(name), *draw)
    assert before.count(b"P6\n") >= len(PdfReader(BytesIO(large(name))).pages)
    assert run(tmp_path / "after", small(name), *draw) == before


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_the_same(name: str, tmp_path: Path) -> None:
    tell = ("pdftotext", "-layout", "form.pdf", "-")
    before = run(tmp_path, large(name), *tell)
    assert len(before) > 500
    assert run(tmp_path, small(name), *tell) == before


@pytest.mark.parametrize("name", NAMES)
def test_fonts_are_embedded_subsets_with_their_characters(name: str, tmp_path: Path) -> None:
    lines = run(tmp_path, small(name), "pdffonts", "form.pdf").decode().splitlines()[2:]
    assert lines
    for line in lines:
        assert line.split()[1:] == [
            "CID",
            "Type",
            "0C",
            "Identity-H",
            "yes",
            "yes",
            "yes",
            *line.split()[-2:],
        ]


def test_fonts_of_other_kinds_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    html = '<html lang="zh-CN"><title>题</title><p style="font-family: DejaVu Sans">letters</p>'
    pdf = write_archival(lay_out(html))
    monkeypatch.setattr(archival, "compact_fonts", lambda _: None)
    assert write_archival(lay_out(html)) == pdf
    ((program, _, _),) = fonts_of(pdf).values()
    assert "glyf" in TTFont(BytesIO(program))


def test_a_character_without_a_glyph_is_drawn_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = '<html lang="zh-CN"><title>题</title><p style="font-family: Noto Serif CJK SC">字\U000f1234号'
    draw = ("pdftoppm", "-r", "150", "form.pdf", "page")
    after = run(tmp_path / "after", write_archival(lay_out(html)), *draw)
    monkeypatch.setattr(archival, "compact_fonts", lambda _: None)
    assert run(tmp_path / "before", write_archival(lay_out(html)), *draw) == after


# Fonts as they come


def font_file(cff: bytes, tag: bytes = b"CFF ") -> bytes:
    """An OpenType font of one table."""
    place = tag + bytes(4) + (28).to_bytes(4) + len(cff).to_bytes(4)
    return b"OTTO" + (1).to_bytes(2) + bytes(6) + place + cff


GLYPHS = 6
OUTLINE = bytes([139 + 5, 22, 14])
"""``5 hmoveto endchar``"""
RANGE_1, RANGE_2 = b"\1\0\1\4", b"\2\0\1\0\4"
FROM_0_TO_6 = b"\3\0\2\0\0\0\0\4\1\0\6"


def cid_keyed(
    *,
    charset: bytes = RANGE_2,
    select: bytes = FROM_0_TO_6,
    private: bytes = b"",
    subroutines: tuple[bytes, ...] = (),
    top: Dictionary | None = None,
    glyphs: int = GLYPHS,
    fonts: int = 2,
) -> bytes:
    """An OpenType font of six glyphs in two fonts, written without what is tested."""
    names = bytes([1, 0, 4, 4]) + write_index([b"Font"])
    after = write_index([b"Adobe", b"Identity"]) + (
        write_index([*subroutines]) if subroutines else bytes(2)
    )
    parts = [
        charset,
        select,
        write_index([bytes([139 + n]) + OUTLINE for n in range(glyphs)]),
        private,
    ]
    ros = [bytes([248, 27]), bytes([248, 28]), bytes([139])]  # strings 391 and 392

    def head(places: list[int]) -> bytes:
        where = dict(
            zip(
                (15, 12 << 8 | 37, 17, 12 << 8 | 36),
                ([long_integer(p)] for p in places),
                strict=True,
            )
        )
        return (
            names
            + write_index([write_dictionary({12 << 8 | 30: ros, **where, **(top or {})})])
            + after
        )

    places = [len(head([0] * 4))]
    for part in parts:
        places.append(places[-1] + len(part))
    charset_at, select_at, glyphs_at, private_at, fonts_at = places
    described = {18: [long_integer(len(private)), long_integer(private_at)]}
    array = write_index([write_dictionary(described)] * fonts)
    return font_file(head([charset_at, select_at, glyphs_at, fonts_at]) + b"".join(parts) + array)


@pytest.mark.parametrize("charset", [RANGE_1, RANGE_2, bytes([0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5])])
@pytest.mark.parametrize("select", [FROM_0_TO_6, bytes([0, 0, 0, 0, 0, 1, 1])])
def test_every_way_of_numbering_is_understood(charset: bytes, select: bytes) -> None:
    font = cid_keyed(charset=charset, select=select)
    new = read(compacted(font, {2, 4, 0, 6, 70_000}))
    assert new[0].charset == [".notdef", "cid00002", "cid00004"]
    assert [new[0].FDSelect[glyph] for glyph in range(3)] == [0, 0, 1]
    old = TTFont(BytesIO(font))["CFF "].cff
    for character in (0, 2, 4):
        assert drawn(new, character) == drawn(old, character)
    assert {drawn(new, character)[1] for character in (0, 2, 4)} == {0, 2, 4}


def test_private_values_are_kept() -> None:
    widths = bytes([139 + 7, 20, 139 + 9, 21])  # 7 defaultWidthX 9 nominalWidthX
    new = read(compacted(cid_keyed(private=widths), {5}))
    assert [font.Private.defaultWidthX for font in new[0].FDArray] == [7, 7]
    assert drawn(new, 5)[1] == 9 + 5


def test_a_glyph_that_was_moved_matters_only_where_it_is_drawn() -> None:
    """HarfBuzz keeps some glyph behind those that it was told to keep."""
    font = cid_keyed(charset=bytes([2, 0, 1, 0, 3, 0x77, 0x77, 0, 0]))
    assert read(compacted(font, {1, 4}))[0].charset == [".notdef", "cid00001", "cid00004"]
    with pytest.raises(OtherFontError):
        compacted(font, {1, 5})


def name_keyed() -> bytes:
    pen = T2CharStringPen(500, None)
    pen.moveTo((0, 0))
    pen.lineTo((100, 0))
    pen.lineTo((0, 100))
    pen.closePath()
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder([".notdef", "A"])
    outline = pen.getCharString()
    builder.setupCFF("Named", {}, {".notdef": outline, "A": outline}, {})
    return saved(builder)


def true_type() -> bytes:
    builder = FontBuilder(1000)
    builder.setupGlyphOrder([".notdef"])
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph()})
    return saved(builder)


def saved(builder: FontBuilder) -> bytes:
    builder.setupHorizontalMetrics(dict.fromkeys(builder.font.getGlyphOrder(), (500, 0)))
    builder.setupHorizontalHeader()
    builder.setupPost()
    file = BytesIO()
    builder.save(file)
    return file.getvalue()


OTHERS = {
    "TrueType": true_type(),
    "named glyphs": name_keyed(),
    "a collection": b"ttcf" + bytes(100),
    "CFF 2": font_file(b"\2\0\5\0\0", b"CFF2"),
    "a version to come": font_file(b"\2" + cid_keyed()[29:]),
    "numbered otherwise": cid_keyed(charset=bytes([0, 0, 1, 0, 2, 0, 9, 0, 4, 0, 5])),
    "numbered otherwise, by ranges": cid_keyed(charset=bytes([1, 0, 2, 4])),
    "shared subroutines": cid_keyed(subroutines=(b"\x0b",)),
    "own subroutines": cid_keyed(private=bytes([139 + 2, 19])),
    "an encoding": cid_keyed(top={16: [long_integer(60)]}),
}
BROKEN = {
    "nothing": b"",
    "a head alone": b"OTTO",
    "nothing in the table": font_file(b""),
    "no glyphs": cid_keyed(glyphs=0),
    "a charset of no format": cid_keyed(charset=b"\7\0\1\0\4"),
    "a selection of no format": cid_keyed(select=b"\7" + bytes(9)),
    "a selection of fewer glyphs": cid_keyed(select=b"\3\0\1\0\0\0\0\5"),
    "a selection of nothing": cid_keyed(select=b"\3\0\0\0\0"),
    "a font that is not there": cid_keyed(fonts=1),
    "no fonts": cid_keyed(fonts=0),
    "charset nowhere": cid_keyed(top={15: []}),
    "charset beyond the end": cid_keyed(top={15: [long_integer(2**31 - 1)]}),
    "charset before the beginning": cid_keyed(top={15: [b"\x1d\xff\xff\xff\xff"]}),
    "charset at a half": cid_keyed(top={15: [b"\x1e\x0a\x5f"]}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_fonts_are_not_touched(name: str) -> None:
    with pytest.raises(OtherFontError):
        compacted(OTHERS[name], {1, 3, 5})


@pytest.mark.parametrize("name", BROKEN)
def test_broken_fonts_are_not_touched(name: str) -> None:
    with pytest.raises(LEFT_ALONE):
        compacted(BROKEN[name], {1, 3, 5})


def damaged(font: bytes, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)  # noqa: S311  (the same damage every time)
    yield font[: chance.randrange(len(font))]
    changed = bytearray(font)
    for _ in range(3):
        changed[chance.randrange(len(font))] = chance.randrange(256)
        yield bytes(changed)


@pytest.mark.parametrize(
    "font", [cid_keyed(), cid_keyed(charset=RANGE_1, private=bytes([139, 20]))]
)
def test_damage_is_an_error_of_ours_or_not_noticed(font: bytes) -> None:
    refused = 0
    for seed in range(500):
        for content in damaged(font, seed):
            try:
                assert len(compacted(content, {1, 3, 5})) <= 3 * len(font)
            except LEFT_ALONE:
                refused += 1
    assert refused > 500


@pytest.mark.parametrize("content", [*OTHERS.values(), *BROKEN.values()])
def test_a_pdf_with_such_a_font_is_written_as_it_is(content: bytes) -> None:
    pdf, file = written_with(content)
    compact_fonts(pdf)
    assert file.stream == [content]
    assert file.extra["Subtype"] == "/OpenType"


def written_with(content: bytes) -> tuple[pydyf.PDF, pydyf.Stream]:
    """As WeasyPrint has it before it is written."""
    pdf = pydyf.PDF()
    file = pydyf.Stream([content], pydyf.Dictionary({"Subtype": "/OpenType"}))
    pdf.add_object(file)
    descriptor = pydyf.Dictionary({"FontFile3": file.reference})
    pdf.add_object(descriptor)
    for widths in ([1, pydyf.Array([1000])], [3, pydyf.Array([1000, 500]), 9, pydyf.Array([0])]):
        font = {"Subtype": "/CIDFontType0", "FontDescriptor": descriptor.reference}
        pdf.add_object(pydyf.Dictionary({**font, "W": pydyf.Array(widths)}))
    return pdf, file


def test_fonts_of_one_file_share_its_glyphs() -> None:
    pdf, file = written_with(cid_keyed())
    compact_fonts(pdf)
    assert read(file.stream[0])[0].charset == [".notdef", "cid00001", "cid00003", "cid00004"]
    assert file.extra["Subtype"] == "/CIDFontType0C"


# How it is written


def test_dictionaries_are_read_and_written_again() -> None:
    written = b"\x8b\x1c\x01\x02\x1d\0\1\2\3\x0f" + b"\x1e\xe2\xa2\x5f\xf7\x01\x0c\x07" + b"\x12"
    found = read_dictionary(written)
    assert list(found) == [15, 12 << 8 | 7, 18]
    assert read_integers(found[15]) == [0, 258, 66051]
    assert write_dictionary(found) == written


@pytest.mark.parametrize(
    "written", [b"\x8b\x0f\x8b\x0f", b"\xff\x0f", b"\x1f\x0f", b"\x1c\0", b"\x1e\x11", b"\x0c"]
)
def test_broken_dictionaries_are_refused(written: bytes) -> None:
    with pytest.raises(BrokenFontError):
        read_dictionary(written)


@pytest.mark.parametrize("number", [0, 107, 108, 1131, 1132, 65_536])
def test_numbers_are_those_of_the_specification(number: int) -> None:
    first, rest = divmod(number - 108, 256)
    short = (
        bytes([139 + number]) if number < 108 else bytes([247 + first, rest]) if first < 4 else b""
    )
    for written in filter(None, (short, long_integer(number))):
        assert read_integers([written]) == [number]


def test_lists_take_offsets_as_long_as_they_need() -> None:
    sizes = [write_index([b"x" * length])[2] for length in (1, 254, 255, 65_534, 65_535)]
    assert sizes == [1, 1, 2, 2, 3]
