"""The HTML of the tab "Your brain": what was read, decoded samples, how well a calibration does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from neuroclips.ui.own_run import Row

STYLE = """
#yb-intro,#yb-said,#yb-summary,#yb-state,#yb-rows,#yb-fitted{padding:0!important}
.yb-card{border:1px solid var(--border-color-primary);border-radius:12px;padding:12px 14px;
 background:var(--background-fill-primary);color:var(--body-text-color)}
.yb-facts{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0;font-size:14px}
.yb-facts dt{color:var(--body-text-color-subdued)}
.yb-facts dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.yb-note{font-size:14px;margin:0;padding:8px 12px;border-radius:10px;border:1px solid var(--border-color-primary);
 overflow-wrap:anywhere;color:var(--body-text-color);background:var(--background-fill-secondary)}
.yb-note+.yb-note,.yb-facts+.yb-note,.yb-note+.yb-facts{margin-top:8px}
.yb-bad{border-color:#c2410c;background:#fff1e8;color:#7c2d12}
.yb-odd{border-color:#d9a400;background:#fff6d6;color:#4a3a00}
.dark .yb-bad{background:#43200f;color:#ffd9c2}
.dark .yb-odd{background:#3a3000;color:#ffe9a0}
.yb-row{margin:0 0 14px}
.yb-row h3{font-size:15px;margin:0 0 8px;color:var(--body-text-color)}
.yb-row h3 small{font-weight:400;color:var(--body-text-color-subdued)}
.yb-grid{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:12px}
.yb-cell{margin:0;min-width:0}
.yb-cell figcaption{font-size:13px;margin-top:4px;color:var(--body-text-color-subdued)}
.yb-pic{aspect-ratio:1;border-radius:10px;overflow:hidden;background:var(--background-fill-secondary);display:flex;
 align-items:center;justify-content:center;text-align:center;color:var(--body-text-color-subdued);font-size:13px}
.yb-pic video,.yb-pic img{width:100%;height:100%;object-fit:cover;display:block}
.yb-pic p{margin:0;padding:10px;font-size:15px;color:var(--body-text-color)}
.yb-table{border-collapse:collapse;width:100%;font-size:14px;margin-top:8px}
.yb-table th,.yb-table td{text-align:right;padding:4px 8px;border-bottom:1px solid var(--border-color-primary);
 font-variant-numeric:tabular-nums}
.yb-table th:first-child,.yb-table td:first-child{text-align:left}
@media(max-width:700px){.yb-grid{grid-template-columns:repeat(2,minmax(0,1fr))}}
"""


DECODES = {"semantic": "Content (keyframe, caption)", "perception": "Layout (blurry video)"}


def note(text: str, kind: str = "") -> str:
    """A line beside a field; kind : "bad" for what was refused, "odd" for what to look at."""
    return f'<p class="yb-note{f" yb-{kind}" if kind else ""}" role="status">{escape(text)}</p>' if text else ""


def facts(values: Mapping[str, str], notes: Sequence[str] = ()) -> str:
    """What was read, and what is odd about it."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in values.items())
    return f'<dl class="yb-facts yb-card">{rows}</dl>{"".join(note(text, "odd") for text in notes)}'


def decoded(rows: Sequence[Row]) -> str:
    """The grid of decoded samples, the last one first; empty cells before there is any."""
    if not rows:
        return _section("No sample is decoded yet", Row(0, ""), "press Decode")
    return "".join(_row(row) for row in reversed(rows))


def _row(row: Row) -> str:
    state = f"{row.running} …" if row.running else f"computed now, {row.seconds:.1f} s"
    return _section(f"Sample {row.sample} <small>{escape(row.decoder)} · {escape(state)}</small>", row, "waiting")


def _section(head: str, row: Row, wait: str) -> str:
    parts = {
        "Blurry video": _film(row, "blurry.mp4"),
        "Keyframe": _picture(row),
        "Caption": f"<p>{escape(row.caption)}</p>" if row.caption else "",
        "Film": _film(row, "video.mp4"),
    }
    cells = [_cell(label, inner, wait) for label, inner in parts.items()]
    return f'<section class="yb-card yb-row"><h3>{head}</h3><div class="yb-grid">{"".join(cells)}</div></section>'


def _cell(label: str, inner: str, wait: str) -> str:
    picture = f'<div class="yb-pic">{inner or f"<span>{wait}</span>"}</div>'
    return f'<figure class="yb-cell">{picture}<figcaption>{label}</figcaption></figure>'


def _film(row: Row, name: str) -> str:
    if name not in row.media:
        return ""
    about = f"{'Blurry video' if name.startswith('blurry') else 'Film'} decoded from sample {row.sample}"
    return f'<video src="{row.media[name]}" autoplay loop muted playsinline controls aria-label="{about}"></video>'


def _picture(row: Row) -> str:
    known = row.media.get("keyframe.webp")
    return f'<img src="{known}" alt="Keyframe decoded from sample {row.sample}">' if known else ""


def calibrated(made: Any) -> str:
    """How well the ridges of a `Calibrated` do on held-out samples, beside chance, and what that means."""
    rows = "".join(
        f"<tr><td>{DECODES[role]}</td><td>{s.identification:.1%}</td><td>{s.shifted:.1%}</td><td>{s.top1:.1%}</td>"
        f"<td>{s.top1_chance:.2%}</td><td>{s.correlation:.3f}</td></tr>"
        for role, s in made.scores.items()
    )
    head = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("held-out clips", "told apart in pairs", "with clips shifted", "own clip first", "chance", "corr.")
    )
    clips = next(iter(made.scores.values())).n_clips
    said = f"{made.n_samples:,} samples of {clips:,} clips, {made.n_voxels:,} voxels, like subject {made.like}."
    table = f'<table class="yb-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f"{_verdict(made)}{table}" + note(
        f"{said} Pairs by chance: 50%. Each clip was held out once, in a block of neighbours, and compared within "
        "it; the penalty was chosen on these blocks, too. Another run, which nothing was fitted to, is the real test."
    )


def _verdict(made: Any) -> str:
    if all(s.better_than_chance for s in made.scores.values()):
        return note("Calibrated: held-out samples are decoded better than by chance.")
    return note(
        "No better than chance: these samples do not seem to belong to these clips, or they are too few. What is "
        "decoded with this will mean nothing.",
        "bad",
    )
