"""``manage.py declaration``: one declaration by its REF, ``department-code/year/template-code``."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from declarations.checks import run_checks
from declarations.management.files import write_file
from declarations.management.imports import import_workbook
from declarations.models import Declaration
from declarations.queries.around import around_of
from declarations.queries.declarations import by_reference
from declarations.queries.documents import (
    CONTENT_TYPES,
    document_of,
    formats_of,
    working_records,
)
from declarations.queries.forms import form_of
from declarations.queries.scores import scored_now
from declarations.sheets.bind import bind


class Command(BaseCommand):
    """Exports a declaration, imports a workbook into it, and lists what is wrong with it."""

    help = "导出一份申报，导入填好的工作簿，或列出校验结果。"

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        export = actions.add_parser("export", help="导出为文件")
        _add_reference(export)
        export.add_argument("--format", required=True, choices=list(CONTENT_TYPES), help="文件格式")
        export.add_argument("--output", required=True, type=Path, help="写入的文件")
        importing = actions.add_parser("import", help="导入填好的 Excel 工作簿")
        _add_reference(importing)
        importing.add_argument("file", metavar="FILE.xlsx", type=Path, help="填好的工作簿")
        importing.add_argument("--dry-run", action="store_true", help="只列出会改什么，不写入")
        findings = actions.add_parser("findings", help="以 JSON 列出校验结果")
        _add_reference(findings)
        scoring = actions.add_parser("score", help="以 JSON 列出评分：自评、按规则计算和复核的得分")
        _add_reference(scoring)

    def handle(self, *_args: Any, action: str, reference: str, **options: Any) -> None:
        declaration = _find(reference)
        if action == "export":
            self._export(declaration, options["format"], options["output"])
        elif action == "import":
            import_workbook(
                declaration, options["file"], self.stdout.write, dry_run=options["dry_run"]
            )
        elif action == "score":
            self._score(declaration)
        else:
            self._list_findings(declaration)

    def _export(self, declaration: Declaration, format_: str, output: Path) -> None:
        if format_ not in formats_of(declaration):
            raise CommandError(
                f"“{declaration.round.template.name}”是表格，不能导出为 {format_}，"
                f"可用：{'、'.join(formats_of(declaration))}。只有按标题写的报告可以导出为 Word"
            )
        write_file(output, document_of(declaration, format_))
        self.stdout.write(f"已导出到 {output}")

    def _list_findings(self, declaration: Declaration) -> None:
        """What is wrong with what is worked on: submitted, or being filled in."""
        form = form_of(declaration.round.template)
        table = bind(form, working_records(declaration), editing=True)
        findings = [
            {
                "level": finding.level.value,
                "code": finding.code,
                "message": finding.message,
                "anchors": list(finding.anchors),
            }
            for finding in run_checks(table, around_of(declaration, form))
        ]
        self.stdout.write(json.dumps(findings, ensure_ascii=False, indent=2))

    def _score(self, declaration: Declaration) -> None:
        """How what is worked on is scored; null where there is no score (yet)."""
        scored = scored_now(declaration)
        if scored is None:
            raise CommandError(
                f"“{declaration.round.template.name}”的表样没有“评分”工作表，不能评分"
            )
        scores = {
            "items": [
                {
                    "name": line.name,
                    "points": _number(line.points),
                    "self": _number(line.self_score),
                    "rule": _number(line.rule.score),
                    "review": _number(scored.review_of(line)),
                    "explanation": line.rule.explanation,
                }
                for line in scored.lines
            ],
            "totals": {
                "self": _number(scored.scoring.self_score),
                "rule": _number(scored.scoring.rule_score),
                "review": _number(scored.review_score),
            },
            "grade": scored.grade or None,
        }
        self.stdout.write(json.dumps(scores, ensure_ascii=False, indent=2))


def _number(score: Decimal | None) -> float | None:
    """Of at most six digits, so that no figure is lost."""
    return None if score is None else float(score)


def _add_reference(parser: CommandParser) -> None:
    parser.add_argument(
        "reference", metavar="REF", help="部门编码/年度/表样编码，例如 panyu-dpf/2023/panyu-target"
    )


def _find(reference: str) -> Declaration:
    try:
        return by_reference(reference)
    except ValueError:
        raise CommandError(
            "REF 应写成 部门编码/年度/表样编码，例如 panyu-dpf/2023/panyu-target，"
            f"现为“{reference}”"
        ) from None
    except Declaration.DoesNotExist:
        raise CommandError(f"没有申报“{reference}”，请核对部门编码、年度和表样编码") from None
