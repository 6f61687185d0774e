"""``manage.py round``: calls on a bureau's departments to file into a form."""

from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from declarations.domain.errors import RefusedError
from declarations.domain.rounds import (
    BUREAU_ALONE,
    DAYS_TO_CORRECT,
    StagePlan,
    closing_dates,
    open_round,
)
from declarations.management.bureaus import bureau_by_code
from declarations.models import Activation, Bureau, Department, FormTemplate
from declarations.queries.rounds import callable_departments
from scoring.review_sheet import STANDARD

_TIME = "例如 2023-03-01 或 2023-03-01T09:00"


class Command(BaseCommand):
    """Opens rounds."""

    help = "为财政局的部门开启填报批次。"

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        open_ = actions.add_parser("open", help="开启批次")
        open_.add_argument("--bureau", required=True, metavar="CODE", help="财政局编码")
        open_.add_argument("--template", required=True, metavar="CODE", help="表样编码")
        open_.add_argument("--year", required=True, type=int, metavar="YYYY", help="年度")
        open_.add_argument("--name", default="", help="名称；不写则为年度加表的名称")
        open_.add_argument("--opens", metavar="TIME", help=f"开始填报，{_TIME}；不写则从现在开始")
        open_.add_argument(
            "--deadline", metavar="TIME", help=f"填报截止，{_TIME}；不写则为开始后 30 天"
        )
        open_.add_argument(
            "--correction-deadline", metavar="TIME", help=f"补正截止，{_TIME}；不写则为截止后 15 天"
        )
        open_.add_argument(
            "--departments", metavar="a,b", help="部门编码；不写则为使用中的全部部门"
        )
        open_.add_argument(
            "--group",
            action="append",
            metavar="NAME",
            help="部门分组，可以写多个；与 --departments 二选一",
        )
        open_.add_argument(
            "--stage",
            action="append",
            metavar="NAME[:head][:sheet][:DAYS]",
            help="审核环节，按次序写一至四个：head 由部门负责人审核，sheet 填写审核评分表，"
            "数字为审核期限（天），例如 业务科室初审:10；不写则只有“财政局审核”",
        )
        open_.add_argument(
            "--adjustments-until", metavar="TIME", help=f"调整截止，{_TIME}；不写则不受理调整"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        bureau = bureau_by_code(options["bureau"])
        departments = _departments(bureau, options["departments"], options["group"])
        opens_at = _moment(options["opens"]) or timezone.now()
        deadline = _moment(options["deadline"], time(18)) or closing_dates(opens_at)[0]
        corrections = _moment(options["correction_deadline"], time(18))
        stages = [_stage(text) for text in options["stage"] or ()] or BUREAU_ALONE
        sheet = STANDARD.to_json() if any(stage.with_sheet for stage in stages) else {}
        try:
            round_ = open_round(
                None,
                template=_template(bureau, options["template"], options["year"]),
                year=options["year"],
                opens_at=opens_at,
                deadline=deadline,
                correction_deadline=corrections or deadline + timedelta(days=DAYS_TO_CORRECT),
                departments=departments,
                name=options["name"],
                stages=stages,
                settings={
                    "adjustments_until": _moment(options["adjustments_until"], time(18)),
                    "review_sheet": sheet,
                },
            )
        except RefusedError as refusal:
            raise CommandError(str(refusal)) from None
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from None
        until = timezone.localtime(round_.deadline).strftime("%Y-%m-%d %H:%M")
        self.stdout.write(
            f"已开启：{bureau} {round_}，用{round_.template}，"
            f"{len(departments)} 个部门，{until} 截止"
        )


def _template(bureau: Bureau, code: str, year: int) -> FormTemplate:
    """The version that the year uses, or else the latest that is in use."""
    versions = FormTemplate.objects.filter(bureau=bureau, code=code).defer("workbook")
    if not versions:
        known = FormTemplate.objects.filter(bureau=bureau).values_list("code", flat=True)
        codes = "、".join(sorted(set(known))) or "无"
        raise CommandError(f"{bureau}没有编码为“{code}”的表样，现有：{codes}")
    chosen = Activation.objects.filter(bureau=bureau, code=code, year=year).first()
    if chosen is not None:
        return versions.get(pk=chosen.template_id)
    in_use = versions.filter(retired_at__isnull=True).order_by("-version").first()
    return in_use or versions.latest("version")


def _moment(text: str | None, of_a_day: time = time.min) -> datetime | None:
    """A time on the command line, in the bureau's time zone; `of_a_day` where only a day is said."""
    if text is None:
        return None
    try:
        moment = parse_datetime(text) if ":" in text else None
        day = parse_date(text) if moment is None else None
    except ValueError:
        moment = day = None
    if day is not None:
        moment = datetime.combine(day, of_a_day)
    if moment is None:
        raise CommandError(f"时间“{text}”无法识别，请写成{_TIME}")
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _departments(bureau: Bureau, codes: str | None, groups: list[str] | None) -> list[Department]:
    """Those of the codes, of the groups, or all in use. Raises CommandError for unknown ones."""
    if codes is not None and groups:
        raise CommandError("--departments 和 --group 只能写一种")
    known = Department.objects.filter(bureau=bureau).order_by("code")
    if codes is not None:
        found = {department.code: department for department in known}
        wanted = [code.strip() for code in codes.split(",") if code.strip()]
        if unknown := [code for code in wanted if code not in found]:
            raise CommandError(f"{bureau}没有部门：{'、'.join(unknown)}")
        departments = [found[code] for code in dict.fromkeys(wanted)]
    else:
        departments = list(_in_use(bureau, groups))
    if not departments:
        raise CommandError(f"{bureau}没有要填报的部门")
    return departments


def _in_use(bureau: Bureau, groups: list[str] | None) -> QuerySet[Department]:
    departments = callable_departments(bureau)
    if groups is None:
        return departments
    there = {group.name for group in bureau.groups.all()}
    if unknown := [name for name in groups if name not in there]:
        raise CommandError(
            f"{bureau}没有分组：{'、'.join(unknown)}，现有：{'、'.join(sorted(there)) or '无'}"
        )
    return departments.filter(group__name__in=groups)


def _stage(text: str) -> StagePlan:
    """``业务科室初审:10``: a name, then what is said of the stage. Raises CommandError."""
    name, *rest = (part.strip() for part in text.replace("：", ":").split(":"))
    days = [part for part in rest if part.isascii() and part.isdigit()]
    if not name or len(days) > 1 or set(rest) - {"head", "sheet", *days}:
        raise CommandError(
            f"审核环节“{text}”无法识别，请写成例如 部门负责人审核:head 或 业务科室初审:10"
        )
    return StagePlan(
        name,
        by_head="head" in rest,
        with_sheet="sheet" in rest,
        days=int(days[0]) if days else None,
    )
