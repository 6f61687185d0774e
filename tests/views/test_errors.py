"""The pages for what goes wrong, and the headers on every page."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from declarations.models import FormTemplate
from tests.factories import PASSWORD
from tests.views.asking import FROM_SCRIPT


def strict(user: Any = None) -> Client:
    """A client that checks tokens, as browsers' requests are."""
    client = Client(enforce_csrf_checks=True)
    if user:
        client.force_login(user)
    return client


def test_an_address_that_is_none_shows_our_page(client, as_user, filer) -> None:
    for somebody in (Client(), as_user(filer)):
        answer = somebody.get("/nowhere/")
        assert answer.status_code == 404
        assert "<h1>找不到这个页面</h1>" in answer.content.decode()


def test_a_failure_shows_our_page_and_no_details(as_user, filer, declaration) -> None:
    """A workbook that is none, put there behind everybody's back."""
    from declarations.queries import forms

    client = as_user(filer)
    client.raise_request_exception = False
    template = FormTemplate.objects.create(
        bureau=filer.bureau,
        code="broken",
        version=1,
        name="坏表样",
        kind="target",
        workbook=b"no workbook",
        sha256="broken",
    )
    assert forms.form_of(declaration.round.template)
    answer = client.get(reverse("form-css", args=[template.pk, "broken"]))
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "<h1>系统出错</h1>" in text
    assert "Traceback" not in text
    assert "workbook" not in text


def test_a_form_without_its_token_shows_our_page(filer) -> None:
    answer = strict(filer).post(reverse("password"), {})
    assert answer.status_code == 403
    assert "<h1>页面已过期</h1>" in answer.content.decode()


def test_a_login_without_its_token_shows_our_page(filer) -> None:
    answer = strict().post(reverse("login"), {"username": "filer", "password": PASSWORD})
    assert answer.status_code == 403
    assert "<h1>页面已过期</h1>" in answer.content.decode()


def test_a_script_without_its_token_gets_json(filer) -> None:
    answer = strict(filer).post(reverse("password"), {}, headers=FROM_SCRIPT)
    assert answer.status_code == 403
    assert answer.json() == {"message": "页面已过期", "code": "csrf"}


# Headers


def policy(answer: Any) -> dict[str, list[str]]:
    """The Content-Security-Policy, directive by directive."""
    directives = answer["Content-Security-Policy"].split(";")
    return {name: values for name, *values in (d.split() for d in directives)}


@pytest.mark.parametrize(
    "path",
    ["/login/", "/", "/nowhere/", "/password/", "/declarations/{pk}/", "/declarations/{pk}/table/"],
)
def test_only_our_own_scripts_and_styles_run(as_user, filer, declaration, path: str) -> None:
    answer = as_user(filer).get(path.format(pk=declaration.pk))
    said = policy(answer)
    assert said["default-src"] == ["'self'"]
    assert said["script-src"] == ["'self'"]
    assert said["style-src"] == ["'self'"]
    assert said["object-src"] == ["'none'"]
    assert said["base-uri"] == ["'none'"]
    assert said["form-action"] == ["'self'"]
    assert said["frame-ancestors"] == ["'none'"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_json_answers_and_downloads_carry_the_headers_too(as_user, filer, declaration) -> None:
    for name, args in (("download", [declaration.pk, "html"]), ("outline", [declaration.pk])):
        answer = as_user(filer).get(reverse(name, args=args))
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_session_cookie_is_out_of_reach_for_scripts(client, filer) -> None:
    client.post(reverse("login"), {"username": "filer", "password": PASSWORD})
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert client.cookies[settings.CSRF_COOKIE_NAME]["samesite"] == "Lax"


def test_nothing_is_loaded_from_outside(as_user, filer, declaration) -> None:
    for path in ("/login/", "/", f"/declarations/{declaration.pk}/", "/password/"):
        text = as_user(filer).get(path).content.decode()
        assert "http://" not in text
        assert "https://" not in text


def test_a_page_with_a_declaration_is_not_kept_by_caches_between(as_user, filer, declaration):
    answer = as_user(filer).get(reverse("declaration", args=[declaration.pk]))
    assert "Cookie" in answer["Vary"]
