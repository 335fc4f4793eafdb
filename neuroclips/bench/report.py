"""What was measured of the paper zoo, as a table: each row with its gain over the released settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from neuroclips.bench.rows import FEW, JUDGED

HEAD = ("", "pixels", "clips at once", "s a clip", "clips/min", "gain", "keyframe [s]", "film [s]", "peak [GiB]")


def table(rows: Iterable[dict]) -> list[tuple[str, ...]]:
    """HEAD, and a line for each row that was measured; the gain is in clips an hour over "released" of its pixels."""
    measured = [row for row in rows if "clips a minute" in row]
    released = {row["pixels"]: row["clips a minute"] for row in measured if row["row"] == "released"}
    return [HEAD, *(_line(row, released.get(row["pixels"])) for row in measured)]


def lines(rows: Sequence[dict]) -> list[str]:
    """The table in columns, then what was checked and what was left out."""
    cells = table(rows)
    wide = [max(len(line[i]) for line in cells) for i in range(len(HEAD))]
    text = ["  ".join(f"{cell:<{wide[0]}}" if not i else f"{cell:>{wide[i]}}" for i, cell in enumerate(line)).rstrip()
            for line in cells]  # fmt: skip
    return [*text, f"in {FEW} steps: {JUDGED}", *map(said, (row for row in rows if "row" not in row))]


def _line(row: dict, released: float | None) -> tuple[str, ...]:
    gain = f"{row['clips a minute'] / released:.1f}x" if released else ""
    seconds = row["seconds"]
    return (
        row["row"],
        str(row["pixels"]),
        str(row["batch"]),
        f"{row['seconds a clip']:.2f}",
        f"{row['clips a minute']:.1f}",
        gain,
        f"{seconds['keyframe']:.2f}",
        f"{seconds['video']:.2f}",
        f"{row['peak GiB']:.0f}",
    )


def said(row: dict) -> str:
    """A row in one line."""
    return ", ".join(f"{name} {value}" for name, value in row.items())
