"""Tables of docs/results.md: which neighbouring clips join, and how."""

from __future__ import annotations

from textwrap import fill

from tabulation import SUBJECTS, number, percent, since, stored, table

NAMES = {
    "apart": "apart",
    "tail": "tail",
    "head, 0 frames": "head",
    "head, 4 frames": "head, lead",
    "both, 4 frames": "both, lead",
}
MOST = "both, 4 frames"  # the join that both films depend on


def sections(kind: str) -> list[str]:
    """The sections of a kind that were measured."""
    return [name for s in SUBJECTS if (name := f"{kind}, subject {s}") in stored("fusion")]


def pooled(rows: list[dict[str, float]], count: str) -> dict[str, float]:
    """Means of the rows of all subjects, each by its `count`, which is summed."""
    n = sum(row[count] for row in rows)
    means = {name: sum(row[name] * row[count] for row in rows) / n for name in rows[0]}
    return means | {count: n}


def decisions() -> str:
    """Accuracy of the decision beside what a guess has."""
    lines = []
    for where, rows in (("validation", validation()), ("test", stored("fusion")["shipped"]["rows"])):
        for subject, row in rows.items():
            cells = [percent(row[name]) for name in ("one class", "accuracy", "balanced accuracy")]
            pairs = [
                f"{percent(row[f'right {name}'])} of {row[name]:.0f}"
                for name in ("without a cut", "with a cut to another class")
            ]
            lines.append([f"{where}, {subject}", f"{row['boundaries']:.0f}", *cells, *pairs])
    head = ["films", "boundaries", "of one class", "accuracy", "balanced", "right without a cut"]
    return table([*head, "right with a cut to another class"], lines, since("fusion", *sections("decision"), "shipped"))


def validation() -> dict[str, dict[str, float]]:
    return {name.partition(", ")[2]: stored("fusion")[name]["rows"] for name in sections("decision")}


def joints() -> str:
    """CLIP similarity and optical flow across the joint, in every way of joining, and what the films show."""
    lines = []
    for name, called in NAMES.items():
        row = pooled([stored("fusion")[section]["rows"][name] for section in sections("joints")], "joints")
        pairs = [f"{number(row[f'{k} across'])} / {number(row[f'{k} within'])}" for k in ("likeness",)]
        pairs += [f"{number(row['flow across'], 1)} / {number(row['flow within'], 1)}"]
        seen = [f"{percent(row[f'{side}: class'], 0)}" for side in ("former", "later")]
        lines.append([called, *pairs, *seen, number(row["later: frame 2-way"]), number(row["later: SSIM"])])
    head = ["joined", "CLIP similarity, joint / elsewhere", "flow, joint / elsewhere", "class, former", "class, later"]
    n = sum(stored("fusion")[section]["rows"][MOST]["joints"] for section in sections("joints"))
    note = f"{n:.0f} joints of three subjects. {since('fusion', *sections('joints'))}"
    return table([*head, "frame 2-way, later", "SSIM, later"], lines, note)


def mistakes() -> str:
    """What joining costs where it should not have been done, as a sentence."""
    found = [rows for section in sections("mistakes") if (rows := stored("fusion")[section]["rows"])]
    apart, joined = (pooled([rows[name] for rows in found], "joints") for name in ("apart", MOST))
    before, after = ((percent(row["later: class"], 0), number(row["later: frame 2-way"])) for row in (apart, joined))
    text = (
        f"Where the classifier joins clips of two classes ({joined['joints']:.0f} boundaries with a cut), the judge "
        f"sees the right class in {before[0]} of the later films apart and in {after[0]} joined at both ends, and "
        f"frame 2-way is {before[1]} and {after[1]}. {since('fusion', *sections('mistakes'))}"
    )
    return fill(text, 118)


TABLES = {"fusion_decisions": decisions, "fusion_joints": joints, "fusion_mistakes": mistakes}
