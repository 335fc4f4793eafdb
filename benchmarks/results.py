"""Write docs/results.md from what benchmarks and trainings have stored: python benchmarks/results.py

The words are those of benchmarks/results_template.md, the tables and numbers those of tables_of_*.py. Nothing is
measured here: the page names the benchmark behind every table.
"""

from __future__ import annotations

import sys
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import tables_of_brains as brains  # noqa: E402
import tables_of_evaluation as evaluation  # noqa: E402
import tables_of_fusion as fusion  # noqa: E402
import tables_of_paper_zoo as paper_zoo  # noqa: E402
import tables_of_simulation as simulation  # noqa: E402
import tables_of_versions as versions  # noqa: E402
import tables_of_zoo as zoo  # noqa: E402

PAGE, TEMPLATE = ROOT / "docs" / "results.md", ROOT / "benchmarks" / "results_template.md"


def page() -> str:
    """The whole page. Raises KeyError for a table that the template names and nobody makes."""
    parts = (brains, evaluation, fusion, zoo, versions, simulation, paper_zoo)
    tables = {name: make() for part in parts for name, make in part.TABLES.items()}
    return Template(TEMPLATE.read_text()).substitute(tables, **zoo.numbers(), **simulation.numbers())


if __name__ == "__main__":
    PAGE.write_text(page())
    print(PAGE.relative_to(ROOT))
