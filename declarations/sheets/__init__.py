"""Form templates: a tagged workbook is parsed, bound to records, rendered and read back.

Pure Python: no ORM and no Django settings, so that a form can be checked,
previewed and printed without a database.
"""
