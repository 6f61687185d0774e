"""``manage.py template``: checks a tagged workbook, and installs it as a bureau's form."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser

from declarations.domain.errors import RefusedError
from declarations.domain.templates import install_template, kind_by_title, read_template
from declarations.management.bureaus import bureau_by_code
from declarations.management.files import read_file
from declarations.models import DeclarationKind
from declarations.models.organisations import CODE
from declarations.sheets.form import Form
from declarations.sheets.kinds import Kind
from declarations.sheets.parse import FormError
from declarations.sheets.trial import try_out


class Command(BaseCommand):
    """Checks and installs form templates."""

    help = "检查表样工作簿，或把它安装为财政局的表样。"

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        check = actions.add_parser("check", help="检查表样，逐格列出错误")
        check.add_argument("file", metavar="FILE.xlsx", type=Path)
        install = actions.add_parser("install", help="安装表样，成为新的一版")
        install.add_argument("file", metavar="FILE.xlsx", type=Path)
        install.add_argument("--bureau", required=True, metavar="CODE", help="财政局编码")
        install.add_argument("--code", help="表样编码；不写则用文件名")
        install.add_argument(
            "--kind",
            choices=[str(k) for k in DeclarationKind],
            help="种类；不写则由标题判断",
        )

    def handle(self, *_args: Any, action: str, file: Path, **options: Any) -> None:
        workbook = read_file(file)
        if action == "check":
            self._check(workbook)
        else:
            code = options["code"] or file.stem
            self._install(workbook, options["bureau"], code, options["kind"])

    def _check(self, workbook: bytes) -> None:
        """Prints what is wrong, one cell a line, and exits with 1; or else what the form has.

        A form that can be used is tried out: what a department would stumble over is said too.
        """
        try:
            form = read_template(workbook)
        except FormError as error:
            for problem in error.problems:
                self.stdout.write(str(problem))
            raise SystemExit(1) from None
        self.stdout.write(_summary(form))
        for problem in try_out(form, workbook):
            self.stdout.write(f"提醒：{problem}")

    def _install(self, workbook: bytes, bureau_code: str, code: str, kind: str | None) -> None:
        bureau = bureau_by_code(bureau_code)
        try:
            CODE(code)
            template = install_template(
                None,
                bureau=bureau,
                code=code,
                kind=DeclarationKind(kind)
                if kind
                else kind_by_title(read_template(workbook).title),
                workbook=workbook,
            )
        except FormError as error:
            raise CommandError(f"表样有误，没有安装：\n{error}") from None
        except RefusedError as refusal:
            raise CommandError(str(refusal)) from None
        except ValidationError as error:
            message = "；".join(error.messages)
            raise CommandError(f"表样编码“{code}”不能使用：{message}，请用 --code 指定") from None
        self.stdout.write(
            f"已安装：{bureau} {template}，编码 {template.code}，种类 {template.get_kind_display()}"
        )


def _summary(form: Form) -> str:
    required = sum(f.required for f in form.fields.values())
    computed = sum(f.tag.startswith("computed.") for f in form.fields.values())
    lists = [".".join(b.list_path) for b in form.blocks()]
    return "\n".join(
        [
            f"表样可用：{form.title}",
            f"字段 {len(form.fields)} 个，其中必填 {required} 个，自动计算 {computed} 个",
            *_units(form),
            f"清单 {len(lists)} 个" + (f"：{'、'.join(lists)}" if lists else ""),
            f"分区 {len(form.sections)} 个"
            + (f"：{'、'.join(s.label for s in form.sections)}" if form.sections else ""),
        ]
    )


def _units(form: Form) -> list[str]:
    """How many amounts are in which unit: one that no heading says would be 元 without a word."""
    units = Counter(f.unit for f in form.fields.values() if f.kind is Kind.MONEY)
    if not units:
        return []
    counts = "、".join(f"{unit} {count} 个" for unit, count in units.most_common())
    return [f"金额 {units.total()} 个，单位：{counts}"]
