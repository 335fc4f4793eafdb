"""Bring the tables of docs/evaluation.md up to date: python benchmarks/evaluation_page.py

Words are written there by hand; what stands between two marks is made of the registries of metrics, protocols,
conditions and published results, so that the page cannot say anything else than the program does.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from neuroclips.evaluation.conditions import CONDITIONS  # noqa: E402
from neuroclips.evaluation.published import Published, under  # noqa: E402
from neuroclips.evaluation.report.shape import about, form, in_order  # noqa: E402
from neuroclips.metrics.protocols import PROTOCOLS, Protocol  # noqa: E402
from neuroclips.metrics.registry import METRICS, Metric  # noqa: E402

PAGE = ROOT / "docs" / "evaluation.md"
MARK = "<!-- {name}: made by benchmarks/evaluation_page.py -->"
SAID = ("ssim", "pixels", "truths", "pairs", "gate", "flow", "flow_pixels", "film_frames", "moments", "psnr_most")


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows))


def metrics() -> str:
    """Every metric of the registry: what it says, its range, direction, chance and judge."""
    head = ["score", "what it says", "range", "better", "chance", "judge"]
    return table(head, [_metric(metric) for metric in METRICS.values()])


def _metric(metric: Metric) -> list[str]:
    told = metric.about
    ends = ["" if end is None else f"{end:g}" for end in (told.low, told.high)]
    span = " to ".join(filter(None, ends)) if all(ends) else f"from {ends[0]}" if ends[0] else "no ends"
    odds = "" if told.chance is None else f"{told.chance:.3g}"
    blind = " Never looks at the truth." if metric.blind else ""
    return [told.title, told.meaning + blind, span, "higher" if told.higher_is_better else "lower", odds, told.judge]


def protocols() -> str:
    """What is chosen in each protocol, where any two differ."""
    rows = [[name, *(_chosen(protocol, key) for key in SAID)] for name, protocol in PROTOCOLS.items()]
    odds = [
        [METRICS[name].chance(protocol) for name in ("frame_2_way", "video_50_way")] for protocol in PROTOCOLS.values()
    ]
    names = [set(protocol.metrics) for protocol in PROTOCOLS.values()]
    for row, (two, fifty), scored in zip(rows, odds, names, strict=True):
        row += [f"{two:.3f} / {fifty:.3f}" if "frame_2_way" in scored else "none"]
    words = [key.replace("_", " ") for key in SAID]
    return table(["protocol", *words, "chance of 2-way / 50-way"], rows)


def _chosen(protocol: Protocol, key: str) -> str:
    """A choice in words; an empty one is that of the truth, or none."""
    assert key in {one.name for one in fields(protocol)}
    value = getattr(protocol, key)
    return {None: "", (0, 1, 2, 3, 4, 5): "all six"}.get(
        value, ", ".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
    )


def oddities() -> str:
    """Whose program a protocol copies, and what a reader of its numbers must know."""
    blocks = []
    for name, protocol in PROTOCOLS.items():
        lines = [f"**{name}**: {protocol.source}.", "", *(f"- {sentence}" for sentence in protocol.notes)]
        blocks.append("\n".join(wrapped(line) for line in lines))
    return "\n\n".join(blocks)


def wrapped(line: str, width: int = 118) -> str:
    """A line of prose, or an item of a list, in lines that are short enough."""
    return textwrap.fill(line, width, subsequent_indent="  " if line.startswith("- ") else "", break_on_hyphens=False)


def conditions() -> str:
    """Every row of an evaluation."""
    rows = [[f"`{name}`", told.label, told.kind, told.meaning] for name, told in CONDITIONS.items()]
    return table(["name", "label", "kind", "what it is"], rows)


def published() -> str:
    """Published results, each under the protocol of the program that made it."""
    return "\n\n".join(_published(name) for name in (*PROTOCOLS, None) if under(name))


def _published(protocol: str | None) -> str:
    rows = under(protocol)
    names = in_order(dict.fromkeys(name for row in rows for name in row.scores))
    title = f"Protocol **{protocol}**:" if protocol else "No protocol of ours is known to make these:"
    head = ["method", *(about(name).title for name in names), "source"]
    return f"{title}\n\n" + table(head, [_result(row, names) for row in rows])


def _result(row: Published, names: list[str]) -> list[str]:
    values = [f"{row.scores[name]:{form(name)}}" if name in row.scores else "" for name in names]
    source = "; ".join(filter(None, (row.source, row.note, "" if row.checked else "read in notes about the paper")))
    return [f"{row.method} ({row.venue})", *values, source]


PARTS: dict[str, Callable[[], str]] = {
    "metrics": metrics,
    "protocols": protocols,
    "oddities": oddities,
    "conditions": conditions,
    "published": published,
}


def page(text: str) -> str:
    """The page with every part between its marks as it is made now. Raises ValueError for one without its marks."""
    for name, make in PARTS.items():
        first, last = MARK.format(name=name), f"<!-- end of {name} -->"
        if text.count(first) != 1 or text.count(last) != 1:
            raise ValueError(f"{PAGE.name}: got no part {name}, expected it between {first} and {last}")
        inner = re.compile(f"{re.escape(first)}.*?{re.escape(last)}", re.DOTALL)
        made = f"{first}\n\n{make()}\n\n{last}"
        text = inner.sub(lambda _, made=made: made, text)
    return text


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE.relative_to(ROOT))
