"""``manage.py restore``: everything as it was in a backup."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from declarations.management import backups, restoring
from declarations.management.verifying import verify


class Command(BaseCommand):
    """Restores a backup as the owner of the tables, and verifies what came of it.

    Exit codes: 0; 1 where nothing was restored, or where a hash does not agree afterwards.
    """

    help = "从备份恢复数据库和全部文件，并核对全部哈希值。先停止网页服务和后台进程。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", nargs="?", default=settings.BACKUPS)
        parser.add_argument("--backup", default="", metavar="NAME", help="不写则为最近的备份")
        parser.add_argument(
            "--force",
            action="store_true",
            help="数据库不是空的也恢复：现有内容全部删除，须输入数据库名称确认",
        )

    def handle(self, **options: Any) -> None:
        if not options["folder"]:
            raise CommandError("请写出备份文件夹 DIR，或设置 JIXIAO_BACKUPS")
        backup = backups.chosen(Path(options["folder"]).absolute(), options["backup"])
        self.stdout.write(f"正在核对备份 {backup}")
        if found := backups.problems(backup, self.stdout.write):
            raise CommandError("\n".join(["备份已损坏，没有恢复：", *found]))
        manifest = backups.Manifest.of(backup)
        restoring.check_version(manifest)
        restoring.check_reachable()
        if not restoring.is_empty():
            self._confirm(force=options["force"])
        self.stdout.write("正在恢复数据库")
        restoring.bring_back_database(backup, manifest)
        put = backups.bring_back(backup, self.stdout.write)
        self.stdout.write(f"存储中新写入 {put} 个文件，其余已在")
        if found := verify(self.stdout.write):
            raise CommandError("\n".join(["已恢复，但核对发现问题：", *found]))
        self.stdout.write(f"已恢复到 {manifest.made_at} 的状态，全部哈希值一致")

    def _confirm(self, *, force: bool) -> None:
        """Raises CommandError unless somebody means it."""
        name = restoring.database_name()
        if not force:
            raise CommandError(f"数据库 {name} 不是空的，没有恢复；确要覆盖请加 --force")
        if others := restoring.others_connected():
            raise CommandError(f"数据库 {name} 还有 {others} 个连接，请先停止网页服务和后台进程")
        self.stdout.write(f"数据库 {name} 中的现有内容将全部删除，不能撤销。")
        try:
            typed = input("请输入数据库名称以确认：")
        except EOFError:
            typed = ""
        if typed.strip() != name:
            raise CommandError("输入的名称不符，没有恢复")
        restoring.empty()
