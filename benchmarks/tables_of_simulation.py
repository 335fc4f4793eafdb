"""Tables of docs/results.md: the simulated dataset, and what things cost."""

from __future__ import annotations

from tabulation import SUBJECTS, number, rows_of, since, stored, table


def seconds() -> str:
    """Seconds of each step of a live reconstruction."""
    sections = ("seconds per step", "seconds per step, 25 steps of DDIM")
    lines = []
    for name, section in zip(("shipped", "25 steps of DDIM"), sections, strict=True):
        rows = rows_of("timing", section)
        lines.append([name, *(number(rows.get(step), 2) for step in STEPS), rows.get("machine", "")])
    return table(["setting", *STEPS, "machine"], lines, since("timing", *sections))


STEPS = ("blurry video", "brain tokens", "image tokens", "keyframe", "caption", "video", "in all")


def selection() -> str:
    """The paper's selection test at full and at the shipped density, and how alike two showings are."""
    names = ("subject1", "subject2", "subject3", "null")
    full, quarter = (stored("simulation")[section]["rows"] for section in ("full density", "selection"))
    lines = [
        ["vertices that pass, of all 59,412", *(f"{full[n]['passed']:,}" for n in names)],
        ["the paper's counts for cc2017", *(f"{full[n]['paper']:,}" if full[n]["paper"] else "" for n in names)],
        ["of these in areas that see nothing in truth", *(f"{full[n]['of these see nothing']:,}" for n in names)],
        ["vertices that pass, of the shipped quarter (14,853)", *(f"{quarter[n]['passed']:,}" for n in names)],
    ]
    for label, key in ALIKE:
        lines.append([label, *(number(quarter[n]["split-half r"][key], 2) for n in names)])
    head = ["the paper's selection test", "subject 1", "subject 2", "subject 3", "null"]
    return table(head, lines, since("simulation", "full density", "selection"))


ALIKE = (
    ("correlation of two showings: V1 to V3", "V1 to V3"),
    ("... other areas that see", "other areas that see"),
    ("... areas without a model", "other"),
)


def receptive_fields() -> str:
    """Correlation of receptive-field centres found again with the true ones, per area."""
    rows = stored("simulation")["receptive fields"]["rows"]
    lines = [
        [area, *(" / ".join(number(rows[f"subject{s}"][area][axis], 2) for axis in "xy") for s in SUBJECTS)]
        for area in ("V1", "V2", "V3", "V4")
    ]
    return table(["area", *(f"subject {s}" for s in SUBJECTS)], lines, since("simulation", "receptive fields"))


def cost() -> str:
    """What simulating and preprocessing cost on two cores."""
    keys = ("seconds", "seconds, slowest seen", "GB of memory", "GB on disk")
    rows = stored("simulation")["cost"]["rows"]
    lines = [[name, *(f"{row[key]:g}" if key in row else "" for key in keys)] for name, row in rows.items()]
    return table(["from an empty cache", *keys], lines, since("simulation", "cost"))


def numbers() -> dict[str, str]:
    """Single numbers that stand in sentences."""
    sizes, start = rows_of("timing", "megabytes"), next(iter(rows_of("timing", "start-up").values()))
    return {
        "start_up": f"{start:g}",
        "checkpoints_size": f"{sizes['checkpoints']:.0f}",
        "assets_size": f"{sizes['assets']:.0f}",
        "sizes_version": since("timing", "start-up", "megabytes"),
        "rendered": f"{next(iter(rows_of('simulation', 'rendering').values())):,.0f}",
        "rendered_version": since("simulation", "rendering"),
    }


TABLES = {"seconds": seconds, "cost": cost}
TABLES |= {"selection": selection, "receptive_fields": receptive_fields}
