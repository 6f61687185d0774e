"""Pages and answers for what goes wrong."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template

from config.logs import request_id
from declarations.views.middleware import is_from_script
from declarations.views.public_middleware import is_public


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or cookies are off; a script asks for a new token."""
    if is_from_script(request):
        return JsonResponse({"message": "页面已过期", "code": "csrf"}, status=403)
    return render(request, "errors/csrf.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    page = "public/404.html" if is_public(request) else "errors/404.html"
    return render(request, page, status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without the request: whatever failed, asking for the user may fail too. The number
    is that of the request, which finds the error in the log."""
    page = get_template("errors/500.html").render({"number": request_id()})
    return HttpResponse(page, status=500)
