"""Installing form templates: each workbook once, each change a new version."""

import pytest
from django.db import Error as DatabaseError
from django.db import transaction

from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.templates import LONGEST_NAME, install_template, kind_by_title
from declarations.models import DeclarationKind, Event, EventKind, FormTemplate
from declarations.queries.forms import form_of, workbook_of
from declarations.sheets.parse import FormError
from tests import factories
from tests.sheets.workbooks import workbook
from tests.small_forms import NESTED

PANYU = factories.PANYU_FORM.read_bytes()


@pytest.fixture
def bureau(db: None):
    return factories.BureauFactory.create()


def install(bureau, content: bytes, actor=None, code: str = "target") -> FormTemplate:
    return install_template(
        actor, bureau=bureau, code=code, kind=DeclarationKind.TARGET, workbook=content
    )


def test_a_workbook_becomes_the_first_version(administrator) -> None:
    bureau = administrator.bureau
    template = install(bureau, PANYU, administrator)
    assert (template.version, template.name) == (1, "部门整体预算绩效目标申报表")
    assert workbook_of(FormTemplate.objects.get(pk=template.pk)) == PANYU
    event = Event.objects.get(kind=EventKind.TEMPLATE_INSTALLED)
    assert (event.bureau, event.actor) == (bureau, administrator)
    assert event.data == {"template": "target", "version": 1, "sha256": template.sha256}


def test_the_same_workbook_again_is_the_version_that_is_there(bureau) -> None:
    first = install(bureau, PANYU)
    assert install(bureau, PANYU) == first
    assert Event.objects.count() == 1


def test_the_same_workbook_does_not_silently_stay_another_kind(bureau) -> None:
    install(bureau, PANYU)
    with pytest.raises(RefusedError, match="种类是“绩效目标申报”"):
        install_template(
            None, bureau=bureau, code="target", kind=DeclarationKind.REPORT, workbook=PANYU
        )
    assert FormTemplate.objects.get().kind == DeclarationKind.TARGET


def test_another_workbook_is_the_next_version_and_leaves_the_first(bureau) -> None:
    first, second = install(bureau, PANYU), install(bureau, NESTED)
    assert second.version == 2
    assert form_of(first).title != form_of(second).title


def test_versions_count_for_each_bureau_and_code(bureau) -> None:
    install(bureau, PANYU)
    assert install(bureau, PANYU, code="other").version == 1
    assert install(factories.BureauFactory.create(), PANYU).version == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"no workbook", PANYU[:500], workbook({"A1": "{{nonsense}}"})],
    ids=["nothing", "text", "half of one", "a tag that is none"],
)
def test_a_workbook_that_is_no_form_leaves_nothing_behind(bureau, content: bytes) -> None:
    with pytest.raises(FormError):
        install(bureau, content)
    assert not FormTemplate.objects.exists()
    assert not Event.objects.exists()


def test_a_code_that_would_break_a_reference_is_refused(bureau) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError, match="编码只能用小写字母、数字和连字符"):
        install(bureau, PANYU, code="番禺/2023")
    assert not FormTemplate.objects.exists()


def test_a_title_that_no_round_could_be_named_after_is_refused(bureau) -> None:
    install(bureau, titled("表" * LONGEST_NAME))
    with pytest.raises(FormError, match="标题最多 90 字，现有 91 字"):
        install(bureau, titled("表" * (LONGEST_NAME + 1)), code="other")


def titled(title: str) -> bytes:
    return workbook({"A1": title, "A2": "目标", "B2": "{{text.goal}}"}, lines=[1])


@pytest.mark.parametrize("who", ["filer", "reviewer", "outsider"])
def test_only_the_bureaus_administrator_installs(department, request, who: str) -> None:
    with pytest.raises(NotPermittedError, match="只有本财政局的管理员可以管理表样"):
        install(department.bureau, PANYU, request.getfixturevalue(who))
    assert not FormTemplate.objects.exists()


def test_an_administrator_installs_nothing_for_another_bureau(bureau, administrator) -> None:
    with pytest.raises(NotPermittedError):
        install(bureau, PANYU, administrator)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("部门整体绩效目标申报表", DeclarationKind.TARGET),
        ("部门整体支出绩效自评表", DeclarationKind.SELF_EVALUATION),
        ("部门整体支出绩效自评报告", DeclarationKind.SELF_EVALUATION),
        ("绩效情况说明", DeclarationKind.REPORT),
    ],
)
def test_the_kind_is_guessed_from_the_title(title: str, kind: DeclarationKind) -> None:
    assert kind_by_title(title) == kind


@pytest.mark.parametrize(
    "change", [{"workbook": NESTED}, {"sha256": "0" * 64}, {"code": "other"}, {"version": 9}]
)
def test_an_installed_version_cannot_be_changed(bureau, change: dict[str, object]) -> None:
    template = install(bureau, PANYU)
    with pytest.raises(DatabaseError), transaction.atomic():
        FormTemplate.objects.filter(pk=template.pk).update(**change)
    assert workbook_of(FormTemplate.objects.get()) == PANYU
