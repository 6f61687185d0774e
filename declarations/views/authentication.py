"""Who is asking: the account with its bureau and department, in one query."""

from django.contrib.auth.backends import ModelBackend

from declarations.models import User


class Backend(ModelBackend):
    """Passwords as Django checks them. Every page names the bureau, and every request asks it
    how long a session may be idle."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("bureau", "department").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
