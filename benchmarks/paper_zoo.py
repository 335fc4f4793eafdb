"""Keep what benchmarks/paper_zoo.sh measured for docs/results.md: python benchmarks/paper_zoo.py FILE.jsonl ...

Several files are runs on one kind of card; of a row that was measured twice the last counts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from stored import store  # noqa: E402

STORED = ROOT / "assets" / "readme" / "paper_zoo.json"


def joined(files: Sequence[Path]) -> dict:
    """Rows, checks and the card of the runs. Raises ValueError for runs on different cards."""
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines() if line.startswith("{")]
    cards = {line["card"] for line in lines if "card" in line}
    if len(cards) != 1:
        raise ValueError(f"got runs on {sorted(cards)}, expected one card")
    rows = {(x["row"], x["pixels"], x["batch"]): x for x in lines if "row" in x}
    checks = {x["check"]: x for x in lines if "check" in x}
    said = {name: value for x in lines for name, value in x.items() if name in SAID}
    return {**said, "rows": list(rows.values()), "checks": list(checks.values())}


SAID = ("card", "torch", "built", "noise drawn on the CPU")


if __name__ == "__main__":
    store(STORED, "random weights", joined([Path(name) for name in sys.argv[1:]]))
    print(STORED.relative_to(ROOT))
