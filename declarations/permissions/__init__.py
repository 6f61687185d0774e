"""Who may do what: predicates to read aloud. Whether the moment is right is `workflow`'s."""

from declarations.models import Bureau, Declaration, Role, State, User


def can_fill_in(user: User, declaration: Declaration) -> bool:
    """Filers fill in, and submit, what their own department declares."""
    return user.role == Role.FILER and user.department_id == declaration.department_id


def can_review(user: User, declaration: Declaration) -> bool:
    """Reviewers comment on, return and approve what their bureau's departments submit."""
    return user.role == Role.REVIEWER and _in_bureau(user, declaration)


def can_see_draft(user: User, declaration: Declaration) -> bool:
    """What is still being filled in is the department's own business."""
    return can_fill_in(user, declaration)


def can_download(user: User, declaration: Declaration) -> bool:
    """The department its own, draft or not; the bureau what was submitted."""
    handed_in = declaration.state in (State.SUBMITTED, State.APPROVED)
    return can_see_draft(user, declaration) or (handed_in and _in_bureau(user, declaration))


def can_manage_templates(user: User, bureau: Bureau) -> bool:
    """Administrators bring their bureau's forms, and say which is used in which year."""
    return user.role == Role.ADMINISTRATOR and user.bureau_id == bureau.pk


def can_open_rounds(user: User, bureau: Bureau) -> bool:
    """Administrators call on their bureau's departments to file."""
    return can_manage_templates(user, bureau)


def can_help_with_uploads(user: User, declaration: Declaration) -> bool:
    """Administrators see the workbooks that could not be imported, to say why."""
    return user.role == Role.ADMINISTRATOR and _in_bureau(user, declaration)


def _in_bureau(user: User, declaration: Declaration) -> bool:
    return user.bureau_id == declaration.round.bureau_id
