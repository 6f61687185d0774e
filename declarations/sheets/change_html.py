"""A changed value as HTML: what it was struck out, what it is underlined, and both said aloud."""

from html import escape

from declarations.sheets.text_diff import Edit, text_diff

_SAID = {Edit.DELETE: ("del", "删除："), Edit.INSERT: ("ins", "新增：")}


def change_html(before: str, after: str, *, prose: bool) -> str:
    """Both values: words with what was deleted and inserted in its place, others as two wholes.

    What has little in common is shown as two wholes, too.
    """
    runs = text_diff(before, after) if prose else []
    if not any(run.edit is Edit.EQUAL for run in runs):
        return _whole(before, after)
    out = []
    for run in runs:
        if run.edit is Edit.EQUAL:
            out.append(_text(run.text))
        else:
            name, said = _SAID[run.edit]
            text = escape(run.text).replace("\n", "↵<br>")
            out.append(f'<{name}><span class="unseen">{said}</span>{text}</{name}>')
    return f'<span class="runs">{"".join(out)}</span>'


def _whole(before: str, after: str) -> str:
    return (
        f'<del><span class="unseen">原为：</span>{_text(before) or "（空）"}</del> '
        f'<ins><span class="unseen">现为：</span>{_text(after) or "（空）"}</ins>'
    )


def _text(text: str) -> str:
    return escape(text).replace("\n", "<br>")
