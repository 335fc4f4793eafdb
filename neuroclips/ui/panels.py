"""Small pieces of HTML: banner, stage timeline, score table."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from neuroclips.metrics.scores import ScoredBeside
from neuroclips.types import Stage, Step

BANNER = """<div class="nc-banner" role="note"><b>Simulated data, demo models.</b> Films and fMRI are simulated, so
that the truth is known; the models are small ones that we trained on simulated films. Scores come from demo judges and
are not comparable with published numbers.</div>"""

STYLE = """
.nc-banner{padding:9px 14px;border-radius:10px;border:1px solid #d9a400;background:#fff6d6;color:#4a3a00;font-size:14px}
.dark .nc-banner{background:#3a3000;color:#ffe9a0}
.nc-steps{list-style:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(110px,1fr));gap:12px;
 margin:0;padding:0}
.nc-steps li{display:grid;grid-template-columns:1fr auto;gap:2px;font-size:13px;margin:0;
 color:var(--body-text-color-subdued)}
.nc-steps li.on{color:var(--body-text-color)}
.nc-steps progress{grid-column:1/3;width:100%;height:6px;accent-color:var(--color-accent)}
.nc-steps span{font-variant-numeric:tabular-nums}
.nc-scores{border-collapse:collapse;font-size:13px;width:100%}
.nc-scores th,.nc-scores td{padding:4px 10px;text-align:right;border-bottom:1px solid var(--border-color-primary)}
.nc-scores th:first-child,.nc-scores td:first-child{text-align:left}
footer{display:none!important}
"""


def timeline(done: Mapping[Step, float], running: Stage | None = None, note: str = "") -> str:
    """One bar per step: seconds when done, share while running."""
    cells = []
    for name in Step:
        value, text, on = 0.0, "", ""
        if name in done:
            value, text, on = 1.0, f"{done[name]:.2f} s", "on"
        elif running and running.step == name:
            value, text, on = running.fraction, f"{running.fraction:.0%}", "on"
        bar = f'<progress max="1" value="{value:.3f}" aria-label="{name}"></progress>'
        cells.append(f'<li class="{on}"><b>{name}</b><span>{text}</span>{bar}</li>')
    total = f"{note} {sum(done.values()):.1f} s in all" if done and not running else note
    return f'<ol class="nc-steps">{"".join(cells)}</ol><small>{escape(total)}</small>'


def score_table(scores: ScoredBeside | None) -> str:
    """Scores beside the flat-colour floor and chance; empty before there are any."""
    if scores is None:
        return ""
    head = "<tr><th>score (demo judges)</th><th>this video</th><th>flat-colour frame</th><th>chance</th></tr>"
    rows = [
        f"<tr><td>{about.title} {'↑' if about.higher_is_better else '↓'}</td><td>{value:.3f}</td><td>{flat:.3f}</td>"
        f"<td>{'' if about.chance is None else about.chance}</td></tr>"
        for about, value, flat in scores.rows()
    ]
    return f'<table class="nc-scores">{head}{"".join(rows)}</table>'
