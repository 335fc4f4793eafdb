"""A quality report of a preprocessed subject as one HTML page: reliability, areas, carpet plot, what was not done."""

from __future__ import annotations

import base64
import io
import warnings
from collections import Counter
from html import escape
from pathlib import Path

import numpy as np

from neuroclips import viz
from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.weights_map import to_cortex
from neuroclips.files import whole_file
from neuroclips.preprocessing.flags import flags
from neuroclips.preprocessing.layout import N_SAMPLES, REPEATS, TR
from neuroclips.preprocessing.meta import read_meta
from neuroclips.reading import read_array, read_arrays

SHOWN_AREAS, SHOWN_VOXELS = 40, 1500
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>{title}</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:24px auto;padding:0 16px;color:#222}}
img{{max-width:100%}}table{{border-collapse:collapse}}td{{padding:2px 14px 2px 0;vertical-align:top}}</style>
<h1>{title}</h1><table>{rows}</table>
<h2>What looks wrong</h2>{flags}{figures}
<h2>What was not done</h2><p>No motion parameters come with these runs, so no motion was regressed out and no volume
was censored; there is no band-pass filter and no spatial smoothing. Head motion, registration and surface mapping are
as the runs had them. Done here: crop, {resampled}removal of polynomials of order 0 to 4, z-score per run (N - 1),
delay.</p>
</html>"""


def write_report(home: Path) -> Path:
    """Write qc.html beside the arrays that `build` wrote to `home`; what looks wrong is a warning, too."""
    meta, selection = read_meta(home, reported=True), read_arrays(home / "selection.npz", ("z", "tested", "kept"))
    arrays = {kind: read_array(home / f"{kind}_fmri.npy", mapped=True) for kind in REPEATS}
    index = read_array(home / "vertex_index.npy")
    wrong = flags(meta["films"], arrays, index, selection)
    for flag in wrong:
        warnings.warn(f"{home}: {flag}; look at qc.html before you train", stacklevel=2)
    figures = [_reliability(selection), _areas(selection)]
    if arrays["train"].size:
        figures.append(_carpet(arrays["train"][:N_SAMPLES, 0], index, meta["films"][0]))
    with whole_file(home / "qc.html") as partial:
        partial.write_text(_page(meta, wrong, "".join(map(_inline, figures))), encoding="utf-8")
    return home / "qc.html"


def _page(meta: dict, wrong: list[str], figures: str) -> str:
    title = escape(f"Quality of {meta['subject']} ({meta['dataset']})")
    steps = ", ".join(f"{step:g} s" for step in meta.get("resampled_from", ()))
    resampled = f"interpolation in time from {steps} to {TR:g} s, without what would alias, " if steps else ""
    told = "".join(f"<li>{escape(flag)}</li>" for flag in wrong)
    listed = f"<ul>{told}</ul>" if told else "<p>Nothing: no copied runs or hemispheres, no area without signal.</p>"
    return PAGE.format(title=title, rows=_rows(meta), flags=listed, figures=figures, resampled=resampled)


def _rows(meta: dict) -> str:
    share = meta["n_voxels"] / meta["n_tested"]
    over = "training films" + " but those for validation" * meta.get("exclude_validation", False)
    test = f"P < {meta['alpha']:g} after Bonferroni, {'one' if meta['one_sided'] else 'two'}-sided, over {over}"
    shown = {
        "films": ", ".join(meta["films"]),
        "vertices tested": f"{meta['n_tested']:,}",
        "vertices kept": f"{meta['n_voxels']:,} ({share:.1%})",
        "vertices that pass": "not tested" if meta["n_passed"] is None else f"{meta['n_passed']:,}",
        "selection": test if meta["alpha"] < 1 else "none, every vertex is kept",
        "delay": f"{meta['delay']:g} s",
        "missing runs": ", ".join(meta["missing_runs"]) or "none",
    }
    for name in ("volumes", "drop_first"):
        if meta.get(name) is not None:
            shown[name.replace("_", " ")] = f"{meta[name]} volumes"
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
