"""``manage.py publication``: what is published, and its catalogue."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from declarations.domain.cataloguing import recatalogue
from declarations.domain.errors import RefusedError
from declarations.domain.publishing import publish
from declarations.management.bureaus import bureau_by_code
from declarations.models import Bureau, Declaration, Publication, User
from declarations.queries.declarations import by_reference, reference_of
from declarations.sheets.codes import shown_code


class Command(BaseCommand):
    """Lists what is published, publishes what was checked, and makes the catalogue anew."""

    help = "列出已公开的申报，公开已通过审查的申报，或重建公开目录。"

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        recataloguing = actions.add_parser("recatalogue", help="重建公开目录和检索，可在运行中进行")
        recataloguing.add_argument("--bureau", metavar="CODE", help="财政局编码；不写则为全部")
        listing = actions.add_parser("list", help="列出已公开的申报")
        listing.add_argument("--bureau", metavar="CODE", help="财政局编码；不写则为全部")
        publishing = actions.add_parser("publish", help="公开一份已通过公开审查的申报")
        publishing.add_argument(
            "reference",
            metavar="REF",
            help="部门编码/年度/表样编码，例如 panyu-dpf/2023/panyu-target",
        )
        publishing.add_argument(
            "--by", required=True, metavar="USER", help="以哪位公开管理员的名义，写用户名"
        )
        publishing.add_argument("--reason", default="", help="更正理由；已公开过的申报必须写明")

    def handle(self, *_args: Any, action: str, **options: Any) -> None:
        if action == "publish":
            self._publish(options["reference"], options["by"], options["reason"])
            return
        bureau = bureau_by_code(options["bureau"]) if options["bureau"] else None
        if action == "list":
            self._list(bureau)
        else:
            self._recatalogue(bureau)

    def _recatalogue(self, bureau: Bureau | None) -> None:
        done = 0
        for done in recatalogue(bureau):
            if done % 1_000 == 0:
                self.stderr.write(f"已处理 {done:,} 份")
        self.stdout.write(f"公开目录已重建：{done:,} 份")

    def _list(self, bureau: Bureau | None) -> None:
        """One line each: REF, number, day, code and what has become of it, with tabs between."""
        found = Publication.objects.filter(superseded_at=None).select_related(
            "declaration__department", "declaration__round__template"
        )
        if bureau:
            found = found.filter(declaration__round__bureau=bureau)
        for publication in found.defer("content", "shown").order_by("pk").iterator():
            day = timezone.localtime(publication.published_at)
            standing = "现行" if publication.is_public else "已撤回"
            self.stdout.write(
                f"{reference_of(publication.declaration)}\t第{publication.number}次\t"
                f"{day:%Y-%m-%d}\t{shown_code(publication.code)}\t{standing}"
            )

    def _publish(self, reference: str, by: str, reason: str) -> None:
        try:
            declaration = by_reference(reference)
            actor = User.objects.get(username=by, is_active=True)
            publication = publish(actor, declaration_id=declaration.pk, reason=reason)
        except (ValueError, Declaration.DoesNotExist):
            raise CommandError(
                f"没有申报“{reference}”：应写成 部门编码/年度/表样编码，例如 panyu-dpf/2023/panyu-target"
            ) from None
        except User.DoesNotExist:
            raise CommandError(f"没有启用的用户“{by}”") from None
        except RefusedError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"已公开：{publication.title}，核验码 {shown_code(publication.code)}，"
            f"{publication.verify_url}"
        )
