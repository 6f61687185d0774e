"""What a published document says of itself: when it was published, and how it is verified."""

from dataclasses import dataclass
from datetime import UTC, datetime

from declarations.sheets.codes import shown_code


@dataclass(frozen=True, slots=True)
class Imprint:
    """code: the short code as stored. url: where it is verified. published_at: with its time
    zone, in which the date is printed."""

    code: str
    url: str
    published_at: datetime

    @property
    def shown_code(self) -> str:
        """``7Q2M-0FZK-93XB``."""
        return shown_code(self.code)

    @property
    def date(self) -> str:
        """``2024年3月5日``."""
        at = self.published_at
        return f"{at.year}年{at.month}月{at.day}日"

    @property
    def at_utc(self) -> str:
        """``2024-03-05T01:02:03Z``: to the second, and the same in every time zone."""
        return self.published_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def short_lines(self) -> tuple[str, str]:
        """``公开日期：2024年3月5日`` and ``核验码：7Q2M-0FZK-93XB``."""
        return f"公开日期：{self.date}", f"核验码：{self.shown_code}"

    @property
    def line(self) -> str:
        """All of it in a line of text."""
        return "　".join((*self.short_lines, f"核验网址：{self.url}"))
