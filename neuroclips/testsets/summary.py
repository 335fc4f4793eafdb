"""What a test set came to: how many clips are there, which failed, and mean scores beside their floors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.export import RECORD
from neuroclips.files import numbers, write_json
from neuroclips.metrics.scores import ScoredBeside, mean, read
from neuroclips.reading import read_json
from neuroclips.testsets.asked import ClipSet
from neuroclips.testsets.receipts import receipt

SUMMARY = "summary.json"


@dataclass(frozen=True)
class Summary:
    """Of all clips that were asked for; `scores` are the mean of those that are there, None where none was scored.

    failed : reasons, by clip; missing : clips that are neither there nor known to have failed: other portions make them
    or have failed to.
    """

    clips: int
    there: int
    failed: Mapping[int, str]
    missing: list[int]
    seconds: float  # of reconstructing the clips that are there, in all [s]
    scores: ScoredBeside | None

    def record(self) -> dict:
        return asdict(self)

    def lines(self, out: Path) -> list[str]:
        """For a terminal."""
        lines = [f"{self.there} of {self.clips} clips are in {out}, reconstructed in {self.seconds:.0f} s"]
        lines += [f"  clip {clip} failed: {said}" for clip, said in self.failed.items()]
        if self.missing:
            shown = ", ".join(map(str, self.missing[:20])) + (", ..." if len(self.missing) > 20 else "")
            lines.append(f"  not there yet: {shown}")
        if self.scores is None:
            return [*lines, "no films to compare with: not scored"] if self.there else lines
        rows = self.scores.rows()
        return lines + [
            f"  mean {about.title:16} {value:7.4f}   (flat colour {flat:.4f}{about.beside})"
            for about, value, flat in rows
        ]


def summarise(order: ClipSet, failed: Mapping[int, str]) -> Summary:
    """Read what is there, and write it to summary.json, too."""
    rows = {clip: row for clip in order.clips if (row := receipt(order.folder(clip)))}
    missing = [clip for clip in order.clips if clip not in rows and clip not in failed]
    scored = [scores for clip in rows if (scores := _scores(order.folder(clip)))]
    seconds = round(sum(row["seconds"] for row in rows.values()), 1)
    average = mean(scored) if scored else None
    summary = Summary(len(order.clips), len(rows), dict(failed), missing, seconds, average)
    write_json(order.out / SUMMARY, summary.record())
    return summary


def _scores(folder: Path) -> ScoredBeside | None:
    try:
        return read(read_json(folder / RECORD, numbers)["scores"])
    except (InputError, KeyError):  # damaged, and made anew by the next run
        return None
