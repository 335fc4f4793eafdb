"""Tables of docs/results.md: what is decoded from simulated brains."""

from __future__ import annotations

from functools import partial

from tabulation import SUBJECTS, TWO_WAY, number, percent, rows_of, since, stored, table, trained

ABLATED = {
    "as shipped": "as shipped (contrast between clips)",
    "no-contrast": "no contrastive term",
    "over-frames": "contrast between the frames of a clip, weight 1, as equation 1 sums",
    "no-temporal": "no temporal attention",
}
BOUNDS = {
    "training-mean frame": "mean frame of the training films (floor)",
    "true frames through the codec": "true frames through the codec (ceiling)",
}


def first_clips() -> str:
    """Semantic scores of the first 30 clips, which early versions were scored on."""
    lines = []
    for tail in ("", ", 0.12", ", 0.10", ", 0.9", ", 0.8"):
        sections = [f"30 clips, subject {s}{tail}" for s in SUBJECTS]
        cells = [" / ".join(number(rows_of("scores", section)[name]) for name in TWO_WAY) for section in sections]
        lines.append([stored("scores")[sections[0]]["version"], *cells])
    head = ["version, frame 2-way / video 2-way", *(f"subject {s}" for s in SUBJECTS)]
    return table(head, lines, "Chance is 0.5. The video judge sees six frames from 0.11.0 on, 16 before.")


RETRIEVAL_KEYS = ("keyframe, 300", "fMRI, 300", "keyframe, 1200", "fMRI, 1200")
RETRIEVAL_HEAD = ("keyframe, 300", "fMRI, 300", "keyframe, 1,200", "fMRI, 1,200")


def retrieval() -> str:
    """Top-1 of 300 of every subject, its baseline and its control."""
    rows = stored("reconstructors")["retrieval"]["rows"]
    lines = [[name, *(percent(row[key]) for key in RETRIEVAL_KEYS)] for name, row in rows.items()]
    return table(["top-1 of 300", *RETRIEVAL_HEAD], lines, f"Chance is 0.3%. {since('reconstructors', 'retrieval')}")


def blurry(section: str, first: str, names: dict[str, str]) -> str:
    """Pixel correlation and SSIM of blurry videos."""
    rows = stored("reconstructors")[section]["rows"]
    lines = [
        [
            names.get(name, name),
            *(" / ".join(number(row[f"{k}, {n}"]) for k in ("correlation", "ssim")) for n in (300, 1200)),
        ]
        for name, row in rows.items()
    ]
    return table([f"{first}pixel correlation / SSIM", "300", "1,200"], lines, since("reconstructors", section))


def semantic_ablations() -> str:
    rows, keys = stored("reconstructors")["semantic ablations"]["rows"], ("cosine, no prior", "cosine, prior")
    lines = [
        [name, *(percent(row[key]) for key in RETRIEVAL_KEYS), *(number(row[key]) for key in keys)]
        for name, row in rows.items()
    ]
    note = f"Chance of retrieval is 0.3%. {since('reconstructors', 'semantic ablations')}"
    return table(["semantic", *RETRIEVAL_HEAD, *keys], lines, note)


def projector() -> str:
    """The paper's Table 3: image to text and back, before and after fine-tuning."""
    stages = trained("projector", "table3.json")
    lines = [
        [name, *(percent(value) for value in row.values())] for name, row in stages.items() if "fine-tuning" in name
    ]
    lines.append(["chance", *[percent(stages["chance"])] * 2])
    note = "Of the shipped weights, written when they were trained (checkpoints/demo/projector/table3.json)."
    pairs = stages["pairs"]
    if pairs["chosen on"] == pairs["reported on"]:
        note += " The same 300 pairs chose the checkpoint; weights that are trained now are reported on others."
    return table(["top-1 of 300", "image to text", "text to image"], lines, note)


def minutes() -> str:
    """Retrieval of a subject that joins, by minutes of film, and of the backbone that it joins."""
    rows = stored("reconstructors")["minutes"]["rows"]
    lines = [[name, *(percent(row[key]) for key in RETRIEVAL_KEYS)] for name, row in rows.items()]
    note = f"Chance is 0.3%. {since('reconstructors', 'minutes')}"
    return table(["top-1 of 300", *RETRIEVAL_HEAD], lines, note)


TABLES = {
    "first_clips": first_clips,
    "retrieval": retrieval,
    "perception": partial(blurry, "perception", "", BOUNDS),
    "semantic_ablations": semantic_ablations,
    "perception_ablations": partial(blurry, "perception ablations", "perception: ", ABLATED),
    "projector": projector,
    "minutes": minutes,
}
