"""Who may do what: predicates to read aloud. Whether the moment is right is `workflow`'s.

docs/roles.md shows the same as a table.
"""

from declarations.models import (
    ADMINISTRATOR_POSTS,
    Bureau,
    Comment,
    Declaration,
    Role,
    Stage,
    User,
)


def can_fill_in(user: User, declaration: Declaration) -> bool:
    """Filers fill in, submit, recall and adjust what their own department declares."""
    return user.role == Role.FILER and _in_department(user, declaration)


def can_review(user: User, declaration: Declaration) -> bool:
    """Whoever reviews at some stage: the bureau's reviewers, or the department's own heads."""
    return reviews_for_bureau(user, declaration) or reviews_for_department(user, declaration)


def reviews_for_bureau(user: User, declaration: Declaration) -> bool:
    """Reviewers comment on, return, pass on and correct what their bureau's departments file."""
    return user.role == Role.REVIEWER and _in_bureau(user, declaration)


def reviews_for_department(user: User, declaration: Declaration) -> bool:
    """Heads pass what their own department files, where a round has such a stage."""
    return user.role == Role.HEAD and _in_department(user, declaration)


def can_decide(user: User, declaration: Declaration) -> bool:
    """Who of them decides at the stage where the declaration stands now."""
    stage = declaration.stage
    if stage is None:
        return False
    if stage.by_head:
        return reviews_for_department(user, declaration)
    if not reviews_for_bureau(user, declaration):
        return False
    return _is_named(user, stage)


def can_correct(user: User, declaration: Declaration) -> bool:
    """Reviewers of the last stage correct what they approved; of all, where that is the head's."""
    if not reviews_for_bureau(user, declaration):
        return False
    last = declaration.round.stages.last()
    return last is not None and (last.by_head or _is_named(user, last))


def can_answer(user: User, comment: Comment) -> bool:
    """The department's filers answer a comment, and whoever may settle it answers back."""
    return can_fill_in(user, comment.declaration) or can_resolve(user, comment)


def can_resolve(user: User, comment: Comment) -> bool:
    """Settling is for who reviews where it was made, the department or the bureau, and its author."""
    declaration = comment.declaration
    if comment.internal:
        return reviews_for_department(user, declaration)
    author = comment.author_id == user.pk and can_see_handed_in(user, declaration)
    return author or reviews_for_bureau(user, declaration)


def can_see_draft(user: User, declaration: Declaration) -> bool:
    """What is still being filled in is the department's own business."""
    return can_fill_in(user, declaration) or reviews_for_department(user, declaration)


def can_see_handed_in(user: User, declaration: Declaration) -> bool:
    """Reviewers, publishers and system administrators read what came to their bureau."""
    return user.role in SEE_HANDED_IN and _in_bureau(user, declaration)


def can_see_evidence(user: User, declaration: Declaration) -> bool:
    """Evidence files are for the department and the bureau's reviewers: they may hold personal
    data, so not even publishers and administrators open them."""
    return can_see_draft(user, declaration) or reviews_for_bureau(user, declaration)


def can_manage_departments(user: User, bureau: Bureau) -> bool:
    """System administrators keep departments and their groups, also from a workbook."""
    return user.role == Role.SYSTEM and user.bureau_id == bureau.pk


def can_manage_people(user: User, bureau: Bureau) -> bool:
    """System and security administrators keep people, each those of other roles."""
    return bool(roles_given_by(user)) and user.bureau_id == bureau.pk


def roles_given_by(user: User) -> tuple[Role, ...]:
    """System administrators appoint everybody but the three posts, security administrators
    those: nobody gives themselves more than they have."""
    if user.role == Role.SYSTEM:
        return tuple(role for role in Role if role not in ADMINISTRATOR_POSTS)
    return ADMINISTRATOR_POSTS if user.role == Role.SECURITY else ()


def can_manage_person(user: User, other: User) -> bool:
    """Whose account a person adds, changes, stops, and gives first passwords to."""
    return user.bureau_id == other.bureau_id and other.role in roles_given_by(user)


def can_manage_security(user: User, bureau: Bureau) -> bool:
    """Security administrators appoint the administrators, and set and lift what protects accounts."""
    return user.role == Role.SECURITY and user.bureau_id == bureau.pk


def can_see_outbox(user: User, bureau: Bureau) -> bool:
    """System administrators see which e-mails were sent, and send again what failed."""
    return user.role == Role.SYSTEM and user.bureau_id == bureau.pk


def can_see_record(user: User, bureau: Bureau) -> bool:
    """Auditors read the record of acts, and nothing else."""
    return user.role == Role.AUDITOR and user.bureau_id == bureau.pk


def can_manage_templates(user: User, bureau: Bureau) -> bool:
    """System administrators bring their bureau's forms, and say which is used in which year."""
    return user.role == Role.SYSTEM and user.bureau_id == bureau.pk


def can_open_rounds(user: User, bureau: Bureau) -> bool:
    """System administrators call on their bureau's departments to file, extend and assign."""
    return can_manage_templates(user, bureau)


def can_follow_rounds(user: User, bureau: Bureau) -> bool:
    """The bureau's reviewers and publishers, too, see how far a round is, and remind the late."""
    return user.role in SEE_HANDED_IN and user.bureau_id == bureau.pk


def can_export_many(user: User, bureau: Bureau) -> bool:
    """Publishers and system administrators take many declarations out at once, also those in
    which nothing is masked: reviewers read them one by one."""
    return user.role in (Role.PUBLISHER, Role.SYSTEM) and user.bureau_id == bureau.pk


def can_manage_grades(user: User, bureau: Bureau) -> bool:
    """System administrators set from which totals on a self-evaluation is 优, 良 or 中."""
    return can_manage_templates(user, bureau)


def can_publish(user: User, bureau: Bureau) -> bool:
    """Publishers check, publish, correct and withdraw what their bureau discloses."""
    return user.role == Role.PUBLISHER and user.bureau_id == bureau.pk


def can_help_with_uploads(user: User, declaration: Declaration) -> bool:
    """System administrators see the workbooks that could not be imported, to say why."""
    return user.role == Role.SYSTEM and _in_bureau(user, declaration)


SEE_HANDED_IN = (Role.REVIEWER, Role.PUBLISHER, Role.SYSTEM)
"""Who of a bureau reads declarations: not those who keep security, or the record."""


def _is_named(user: User, stage: Stage) -> bool:
    """Whether a stage is this reviewer's; where nobody is named, it is everybody's."""
    named = {reviewer.pk for reviewer in stage.reviewers.all()}
    return not named or user.pk in named


def _in_bureau(user: User, declaration: Declaration) -> bool:
    return user.bureau_id == declaration.round.bureau_id


def _in_department(user: User, declaration: Declaration) -> bool:
    return user.department_id == declaration.department_id
