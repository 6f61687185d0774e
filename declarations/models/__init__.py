"""The data, and what must never be false of it (constraints and triggers)."""

from declarations.models.declarations import Declaration, State
from declarations.models.events import Event, EventKind
from declarations.models.organisations import Bureau, Department, Role, User
from declarations.models.records import FundingLine, Indicator, Passage, Task
from declarations.models.reviews import Comment, Explanation, Revision
from declarations.models.rounds import Round
from declarations.models.templates import Activation, DeclarationKind, FormTemplate
from declarations.models.uploads import Upload, UploadState

__all__ = [
    "Activation",
    "Bureau",
    "Comment",
    "Declaration",
    "DeclarationKind",
    "Department",
    "Event",
    "EventKind",
    "Explanation",
    "FormTemplate",
    "FundingLine",
    "Indicator",
    "Passage",
    "Revision",
    "Role",
    "Round",
    "State",
    "Task",
    "Upload",
    "UploadState",
    "User",
]
