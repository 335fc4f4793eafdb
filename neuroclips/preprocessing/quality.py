"""A quality report of a preprocessed subject as one HTML page: reliability, areas, carpet plot, what was not done."""

from __future__ import annotations

import base64
import io
from collections import Counter
from html import escape
from pathlib import Path

import numpy as np

from neuroclips import viz
from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.weights_map import to_cortex
from neuroclips.files import whole_file
from neuroclips.preprocessing.build import read_meta
from neuroclips.preprocessing.layout import N_SAMPLES

SHOWN_AREAS, SHOWN_VOXELS = 40, 1500
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>{title}</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:24px auto;padding:0 16px;color:#222}}
img{{max-width:100%}}table{{border-collapse:collapse}}td{{padding:2px 14px 2px 0;vertical-align:top}}</style>
<h1>{title}</h1><table>{rows}</table>{figures}
<h2>What was not done</h2><p>No motion parameters come with these runs, so no motion was regressed out and no volume
was censored; there is no band-pass filter and no spatial smoothing. Head motion, registration and surface mapping are
as the runs had them. Done here: crop, removal of polynomials of order 0 to 4, z-score per run (N - 1), delay.</p>
</html>"""


def write_report(home: Path) -> Path:
    """Write qc.html beside the arrays that `build` wrote to `home`."""
    meta = read_meta(home)
    with np.load(home / "selection.npz") as stored:
        selection = dict(stored)
    title = f"Quality of {meta['subject']} ({meta['dataset']})"
    figures = [_reliability(selection), _areas(selection)]
    if (train := np.load(home / "train_fmri.npy", mmap_mode="r")).size:
        figures.append(_carpet(train[:N_SAMPLES, 0], np.load(home / "vertex_index.npy"), meta["films"][0]))
    with whole_file(home / "qc.html") as partial:
        page = PAGE.format(title=escape(title), rows=_rows(meta), figures="".join(map(_inline, figures)))
        partial.write_text(page, encoding="utf-8")
    return home / "qc.html"


def _rows(meta: dict) -> str:
    share = meta["n_voxels"] / meta["n_tested"]
    test = f"P < {meta['alpha']:g} after Bonferroni, {'one' if meta['one_sided'] else 'two'}-sided, over training films"
    shown = {
        "films": ", ".join(meta["films"]),
        "vertices tested": f"{meta['n_tested']:,}",
        "vertices kept": f"{meta['n_voxels']:,} ({share:.1%})",
        "vertices that pass": "not tested" if meta["n_passed"] is None else f"{meta['n_passed']:,}",
        "selection": test if meta["alpha"] < 1 else "none, every vertex is kept",
        "delay": f"{meta['delay']:g} s",
        "missing runs": ", ".join(meta["missing_runs"]) or "none",
    }
    return "".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in shown.items())


def _reliability(selection: dict):
    z = to_cortex(selection["z"], selection["tested"])
    return viz.reliability_figure(z, "Reliability: how alike the two showings of a film are")


def _areas(selection: dict):
    area = load_cortex().area[selection["tested"]]
    tested, kept = Counter(area.tolist()), Counter(area[selection["kept"]].tolist())
    names = [name for name, _ in kept.most_common(SHOWN_AREAS) if name]
    return viz.area_figure(names, [kept[n] for n in names], [tested[n] for n in names])


def _carpet(samples: np.ndarray, vertex_index: np.ndarray, film: str):
    order = np.argsort(load_cortex().area[vertex_index], kind="stable")
    order = order[:: max(1, len(order) // SHOWN_VOXELS)]
    return viz.carpet_figure(
        np.asarray(samples)[:, order], f"Carpet plot of {film}, first showing, {len(order):,} vertices"
    )


def _inline(figure) -> str:
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=110, bbox_inches="tight")
    return f'<p><img alt="" src="data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"></p>'
