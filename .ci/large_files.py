"""Refuse large files, all but weights in checkpoints/ and pictures in assets/, which have budgets of their own."""

from __future__ import annotations

import sys
from pathlib import Path

ONE_FILE = 500_000  # bytes, anywhere else
ONE_SHIPPED_FILE = 10_000_000  # bytes: what a repository takes without large-file storage
BUDGETS = {"checkpoints": 100_000_000, "assets": 60_000_000}  # bytes, of all files in the folder


def complaints(files: list[Path]) -> list[str]:
    """What is wrong with these files, and with the folders that have budgets."""
    found = []
    for file in files:
        limit = ONE_SHIPPED_FILE if file.parts[0] in BUDGETS else ONE_FILE
        if (size := file.stat().st_size) > limit:
            found.append(f"{file}: got {size:,} bytes, expected at most {limit:,}: make it smaller or leave it out")
    for folder, budget in BUDGETS.items():
        size = sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file())
        if size > budget:
            found.append(f"{folder}/: got {size:,} bytes, expected at most {budget:,}: take something out")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(complaints([Path(name) for name in sys.argv[1:] if Path(name).is_file()])) or 0)
