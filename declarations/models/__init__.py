"""The data, and what must never be false of it (constraints and triggers)."""

from declarations.models.batches import Batch, BatchItem, BatchKind, BatchState, ItemState
from declarations.models.declarations import Assignment, Declaration, State
from declarations.models.events import Event, EventKind
from declarations.models.notices import Notice, NoticeKind
from declarations.models.organisations import (
    ADMINISTRATOR_POSTS,
    OF_DEPARTMENTS,
    Bureau,
    Department,
    DepartmentGroup,
    Role,
    SecondFactor,
    User,
)
from declarations.models.publications import (
    CatalogueEntry,
    CheckOutcome,
    Publication,
    PublicationCheck,
    PublishedFile,
    StoredFile,
)
from declarations.models.records import FundingLine, Indicator, Passage, ScoreItem, Task
from declarations.models.reviews import (
    Comment,
    CommentState,
    Explanation,
    ReviewSheet,
    Revision,
    RevisionKind,
)
from declarations.models.rounds import MOST_STAGES, Round, Stage
from declarations.models.scores import Evidence, Met, Result, ResultLine, ReviewScore
from declarations.models.sessions import Session
from declarations.models.templates import Activation, DeclarationKind, FormTemplate
from declarations.models.uploads import Upload, UploadState

__all__ = [
    "ADMINISTRATOR_POSTS",
    "MOST_STAGES",
    "OF_DEPARTMENTS",
    "Activation",
    "Assignment",
    "Batch",
    "BatchItem",
    "BatchKind",
    "BatchState",
    "Bureau",
    "CatalogueEntry",
    "CheckOutcome",
    "Comment",
    "CommentState",
    "Declaration",
    "DeclarationKind",
    "Department",
    "DepartmentGroup",
    "Event",
    "EventKind",
    "Evidence",
    "Explanation",
    "FormTemplate",
    "FundingLine",
    "Indicator",
    "ItemState",
    "Met",
    "Notice",
    "NoticeKind",
    "Passage",
    "Publication",
    "PublicationCheck",
    "PublishedFile",
    "Result",
    "ResultLine",
    "ReviewScore",
    "ReviewSheet",
    "Revision",
    "RevisionKind",
    "Role",
    "Round",
    "ScoreItem",
    "SecondFactor",
    "Session",
    "Stage",
    "State",
    "StoredFile",
    "Task",
    "Upload",
    "UploadState",
    "User",
]
