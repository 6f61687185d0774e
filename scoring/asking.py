"""What of the system's own dates the rules of a rubric ask for."""

from scoring.methods_choices import Statements
from scoring.methods_facts import Fact, Timely
from scoring.rubric import Parameters, Rubric


def asks_for(rubric: Rubric, fact: Fact) -> bool:
    """Whether a rule of the rubric is decided by this, where the system knows it."""
    return any(fact in _facts(item.parameters) for item in rubric.items)


def _facts(parameters: Parameters) -> set[Fact | None]:
    if isinstance(parameters, Statements):
        return {statement.fact for statement in parameters.statements}
    return {parameters.fact} if isinstance(parameters, Timely) else set()
