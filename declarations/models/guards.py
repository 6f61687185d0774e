"""Triggers that hold references to one another: what belongs together has one owner."""

import pgtrigger


def agree(name: str, *columns: str, one: str, other: str) -> pgtrigger.Trigger:
    """Refuses a row whose references do not agree.

    columns: those that, when written, are looked at. one, other: SQL over NEW that must
    give the same; where `other` gives NULL there is nothing to agree with.
    """
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*columns),  # type: ignore[no-untyped-call]
        func=(
            f"IF ({other}) IS NOT NULL AND ({one}) IS DISTINCT FROM ({other}) THEN"
            f" RAISE EXCEPTION '{name.replace('_', ' ')}: these belong to different owners';"
            " END IF; RETURN NEW;"
        ),
    )


def bureau_of(table: str, column: str) -> str:
    """SQL: the bureau of the row that a reference column of NEW names."""
    return f"SELECT bureau_id FROM declarations_{table} WHERE id = NEW.{column}"  # noqa: S608  (names of ours)


def declaration_of(column: str) -> str:
    """SQL: the declaration of the revision that a reference column of NEW names."""
    return f"SELECT declaration_id FROM declarations_revision WHERE id = NEW.{column}"  # noqa: S608  (names of ours)
