"""Why a write was refused, in words for the person who asked for it."""

from collections.abc import Sequence

from declarations.checks.registry import Finding


class RefusedError(Exception):
    """The act is not possible; `str()` says why and what to do. Nothing was written."""


class NotPermittedError(RefusedError):
    """This person may not do it."""


class WrongStateError(RefusedError):
    """The declaration is not (any longer) in a state that allows it."""


class WindowClosedError(RefusedError):
    """The round has not opened yet, or its deadline has passed."""


class TemplateRetiredError(RefusedError):
    """This version of the form is out of use."""


class TemplateInUseError(RefusedError):
    """A round of the year uses a version of the form, so that the year keeps it."""


class HasFindingsError(RefusedError):
    """Something must be corrected before submission; `findings` says what and where."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)
        super().__init__(f"还有 {len(self.findings)} 处必须修正，改好后才能提交")
