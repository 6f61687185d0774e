"""``manage.py backup``: a backup of everything, or a look at one."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from declarations.management import backups

HOLES = 3
"""Exit code: the backup is made, but what it should hold was gone or damaged already."""


def number_of_backups(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"应为 1 或更大的整数，现为“{text}”")
    return int(text)


class Command(BaseCommand):
    """Makes and checks backups. Exit codes: 0, 1 for no backup or a damaged one, HOLES."""

    help = "备份数据库和全部文件；--verify 只核对已有的备份。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            metavar="DIR",
            nargs="?",
            default=settings.BACKUPS,
            help="备份文件夹，可以存放多个备份；不写则用 JIXIAO_BACKUPS",
        )
        parser.add_argument(
            "--keep",
            type=number_of_backups,
            metavar="N",
            help="只保留最近 N 个备份；不写则全部保留",
        )
        parser.add_argument(
            "--verify",
            nargs="?",
            const="",
            metavar="NAME",
            help="不做备份，逐字节核对最近的（或指定的）备份",
        )

    def handle(self, **options: Any) -> None:
        if not options["folder"]:
            raise CommandError("请写出备份文件夹 DIR，或设置 JIXIAO_BACKUPS")
        folder = Path(options["folder"]).absolute()
        try:
            if options["verify"] is None:
                backup = backups.make(folder, keep=options["keep"], tell=self.stdout.write)
                self.stdout.write(f"备份已完成：{backup}")
            else:
                backup = backups.chosen(folder, options["verify"])
                self._verify(backup)
        except OSError as error:
            raise CommandError(f"备份文件夹不能读写：{error}") from None
        self._tell_holes(backup)

    def _verify(self, backup: Path) -> None:
        if found := backups.problems(backup, self.stdout.write):
            raise CommandError("\n".join([f"备份 {backup} 已损坏：", *found]))
        self.stdout.write(f"备份完好：{backup}")

    def _tell_holes(self, backup: Path) -> None:
        if holes := backups.Manifest.of(backup).holes:
            lines = [f"{name}：{problem}" for name, problem in holes.items()]
            raise CommandError(
                "\n".join(["备份时存储中已有文件缺失或损坏，其余内容已备份：", *lines]),
                returncode=HOLES,
            )
