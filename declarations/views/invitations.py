"""Where the link of an invitation leads."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from declarations.domain.inviting import accept_invitation, invited_person
from declarations.views.account_forms import ChosenPasswordForm
from declarations.views.people_forms import done_or_said


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Sets the password of who was invited; then they log in with it."""
    invited = invited_person(token)
    if invited is None:
        return render(request, "people/invitation_over.html", status=404)
    form = ChosenPasswordForm(invited, request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["new_password1"]
        if done_or_said(form, accept_invitation, token, password=password):
            messages.success(request, f"密码已设置，请用用户名 {invited.username} 登录。")
            return redirect("login")
    return render(request, "people/invitation.html", {"form": form, "invited": invited})
