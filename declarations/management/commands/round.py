"""``manage.py round``: calls on a bureau's departments to file into a form."""

from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from declarations.domain.errors import RefusedError
from declarations.domain.rounds import DAYS_TO_CORRECT, closing_dates, open_round
from declarations.management.bureaus import bureau_by_code
from declarations.models import Activation, Bureau, Department, FormTemplate

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
        open_.add_argument("--departments", metavar="a,b", help="部门编码；不写则为全部部门")

    def handle(self, *_args: Any, **options: Any) -> None:
        bureau = bureau_by_code(options["bureau"])
        departments = _departments(bureau, options["departments"])
        opens_at = _moment(options["opens"]) or timezone.now()
        deadline = _moment(options["deadline"], time(18)) or closing_dates(opens_at)[0]
        corrections = _moment(options["correction_deadline"], time(18))
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


def _departments(bureau: Bureau, codes: str | None) -> list[Department]:
    """Those of the codes, or all. Raises CommandError for one that the bureau has not."""
    found = {d.code: d for d in Department.objects.filter(bureau=bureau).order_by("code")}
    if codes is None:
        wanted = list(found)
    else:
        wanted = [code.strip() for code in codes.split(",") if code.strip()]
    if unknown := [code for code in wanted if code not in found]:
        raise CommandError(f"{bureau}没有部门：{'、'.join(unknown)}")
    if not wanted:
        raise CommandError(f"{bureau}没有要填报的部门")
    return [found[code] for code in dict.fromkeys(wanted)]
