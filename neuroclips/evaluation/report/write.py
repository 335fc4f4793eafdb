"""Reports to files. `write(report, out, films)` is all that a command needs.

report : a dict as scores.json holds it (docs/evaluation.md); parts that it lacks are said to be missing.
out : a folder. films : where pictures come from (`pictures.FilmsOf`); `pictures.NoFilms()` for a report without.
"""

from __future__ import annotations

from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.evaluation.report.csv import comma_separated
from neuroclips.evaluation.report.differences import controls, directions, table_2
from neuroclips.evaluation.report.html import page
from neuroclips.evaluation.report.latex import latex
from neuroclips.evaluation.report.markdown import markdown
from neuroclips.evaluation.report.pictures import FilmsOf
from neuroclips.evaluation.report.retrieved import table_4
from neuroclips.evaluation.report.shape import protocols
from neuroclips.evaluation.report.table import Table
from neuroclips.evaluation.report.tables import table_1
from neuroclips.files import whole_file

SCHEMA = 1


def write(report: dict, out: Path, films: FilmsOf) -> list[Path]:
    """report.html, tables.md, and of each table a .tex and a .csv; returns what was written.

    Raises InputError for a report of another schema.
    """
    if report.get("schema") != SCHEMA:
        raise InputError(f"got a report of schema {report.get('schema')!r}, expected {SCHEMA}: evaluate again")
    found = tables(report)
    texts = {"report.html": page(report, films), "tables.md": "\n".join(map(markdown, found))}
    texts |= {f"{table.name}.tex": latex(table) for table in found}
    texts |= {f"{table.name}.csv": comma_separated(table) for table in found}
    return [_written(out / name, text) for name, text in texts.items()]


def tables(report: dict) -> list[Table]:
    """Every table that the report has the numbers of: tables 1 and 2 and the controls of each protocol, table 4."""
    kinds = (table_1, directions, table_2, controls)
    found = [kind(report, protocol) for protocol in protocols(report) for kind in kinds]
    return [table for table in (*found, table_4(report)) if table]


def _written(path: Path, text: str) -> Path:
    with whole_file(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
    return path
