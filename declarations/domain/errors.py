"""Why a write was refused, in words for the person who asked for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from declarations.checks.registry import Finding, Level

if TYPE_CHECKING:
    from declarations.domain.cells import Outcome


class RefusedError(Exception):
    """The act is not possible; `str()` says why and what to do. Nothing was written."""


class NotPermittedError(RefusedError):
    """This person may not do it."""


class WrongStateError(RefusedError):
    """The declaration is not (any longer) in a state that allows it."""


class HeldByAnotherError(RefusedError):
    """Another reviewer has taken the declaration on, or was given it."""


class WindowClosedError(RefusedError):
    """The round has not opened yet, or its deadline has passed."""


class TemplateRetiredError(RefusedError):
    """This version of the form is out of use."""


class TemplateInUseError(RefusedError):
    """A round of the year uses a version of the form, so that the year keeps it."""


class HasFindingsError(RefusedError):
    """Something must be corrected or explained before submission.

    findings: what stands in the way, by checks. problems: explanations handed in with it
    that could not be kept. Those that could be are.
    """

    def __init__(self, findings: Sequence[Finding], problems: "Sequence[Outcome]" = ()) -> None:
        self.findings = list(findings)
        self.problems = list(problems)
        musts = sum(f.level is Level.MUST for f in self.findings)
        hints = len(self.findings) - musts
        said = []
        if musts:
            said.append(f"还有 {musts} 处必须修正，改好后才能提交")
        if hints:
            said.append(f"还有 {hints} 条提示需要说明，填写说明后才能提交")
        if self.problems:
            said.append(f"有 {len(self.problems)} 条说明没有保存，请按提示处理")
        super().__init__("；".join(said))
