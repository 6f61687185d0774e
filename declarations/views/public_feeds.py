"""What programs follow on the public site: feeds, the site map, and robots.txt."""

from collections.abc import Iterable
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.xmlutils import SimplerXMLGenerator

from declarations.models import Bureau, CatalogueEntry
from declarations.queries import public
from declarations.views.public import bureau_standing, bureaus_standing
from declarations.views.public_caching import public_page, release

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

IN_ONE_MAP = 10_000
"""Addresses of one site map; the protocol allows 50,000."""
MOST_MAPS = 10_000
MAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
"""The namespace of site maps."""


def address_of(entry: CatalogueEntry) -> str:
    """Where an entry is read."""
    address = (entry.bureau.code, entry.year, entry.department.code, entry.slug)
    return reverse("public-form", args=address)


@public_page(bureau_standing)
def feed(request: HttpRequest, found: Bureau, bureau: str) -> HttpResponse:
    """What a bureau published, corrected or withdrew last."""
    return _feed(f"{found.name}：绩效信息公开", reverse("public-bureau", args=[bureau]), found)


@public_page(bureaus_standing)
def feed_of_all(request: HttpRequest, bureaus: list[Bureau]) -> HttpResponse:
    """The same of all bureaus."""
    return _feed("部门绩效信息公开", reverse("public-home"))


def _feed(title: str, link: str, bureau: Bureau | None = None) -> HttpResponse:
    own = reverse("public-feed", args=[bureau.code]) if bureau else reverse("public-feed-all")
    found = public.changes(bureau)
    made = _Feed(
        title=title,
        link=settings.ADDRESS + link,
        description="",
        language="zh-CN",
        feed_url=settings.ADDRESS + own,
        changed_at=found[0].at if found else release().made_at,
    )
    for change in found:
        made.add_item(
            title=f"{change.what}：{change.entry.title}",
            link=settings.ADDRESS + address_of(change.entry),
            description=f"理由：{change.reason}" if change.reason else change.entry.title,
            author_name=change.entry.bureau.name,
            pubdate=change.entry.published_at,
            updateddate=change.at,
            unique_id=settings.ADDRESS + address_of(change.entry),
            categories=[change.entry.get_kind_display(), f"{change.entry.year}年"],
        )
    return HttpResponse(made.writeString("utf-8"), content_type=made.content_type)


class _Feed(Atom1Feed):
    """Atom, changed when something in it was, so that the same feed is the same bytes."""

    def latest_post_date(self) -> datetime:
        changed_at: datetime = self.feed["changed_at"]
        return changed_at


@public_page(bureaus_standing)
def sitemap(
    request: HttpRequest, bureaus: "list[WithAnnotations[Bureau, public.Changed]]"
) -> HttpResponse:
    """The index of the site maps: those of each bureau."""
    counts = public.published_by_bureau()
    maps = [
        (reverse("public-sitemap-part", args=[bureau.code, part]), bureau.changed_at)
        for bureau in bureaus
        for part in range(1, _parts(counts.get(bureau.pk, 0)) + 1)
    ]
    return _xml("sitemapindex", "sitemap", maps)


@public_page(bureau_standing)
def sitemap_part(request: HttpRequest, found: Bureau, bureau: str, part: int) -> HttpResponse:
    """Some of what a bureau has published; with the first part, the pages that lead there."""
    addresses: list[tuple[str, datetime | None]] = []
    if not 1 <= part <= MOST_MAPS:
        raise Http404
    if part == 1:
        addresses.append((reverse("public-bureau", args=[bureau]), None))
        for department in public.departments_of(found):
            args = [bureau, department.code]
            addresses.append((reverse("public-department", args=args), None))
    entries = public.in_order(found)[(part - 1) * IN_ONE_MAP : part * IN_ONE_MAP]
    addresses += [(address_of(entry), entry.changed_at) for entry in entries]
    if not addresses:  # also of a part that is none
        raise Http404
    return _xml("urlset", "url", addresses)


def _parts(count: int) -> int:
    return max(1, -(-count // IN_ONE_MAP))


def _xml(root: str, element: str, found: Iterable[tuple[str, datetime | None]]) -> HttpResponse:
    """A site map (https://www.sitemaps.org/protocol.html) of addresses and when they changed."""
    out = StringIO()
    xml = SimplerXMLGenerator(out, "utf-8")
    xml.startDocument()
    xml.startElement(root, AttributesImpl({"xmlns": MAPS}))
    for address, changed_at in found:
        xml.startElement(element, AttributesImpl({}))
        xml.addQuickElement("loc", settings.ADDRESS + address)
        if changed_at is not None:
            xml.addQuickElement("lastmod", changed_at.isoformat(timespec="seconds"))
        xml.endElement(element)
    xml.endElement(root)
    xml.endDocument()
    return HttpResponse(out.getvalue(), content_type="application/xml; charset=utf-8")


@public_page()
def robots(request: HttpRequest, _: None) -> HttpResponse:
    """Search engines may read what is public, and nothing else."""
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('public-search')}",
        f"Allow: {reverse('public-home')}",
        f"Allow: {settings.STATIC_URL}",
        "Disallow: /",
        f"Sitemap: {settings.ADDRESS}{reverse('public-sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
