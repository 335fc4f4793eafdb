"""Inflated surfaces by nilearn: the values are there, in the colours of the bar."""

import base64
import re

import nibabel
import numpy as np

from neuroclips.figures.surface import surface_figure, write_page


def test_both_hemispheres_are_drawn_in_the_colours_of_the_bar(maps):
    figure = surface_figure(maps[:1], views=("medial",))
    left, right, bar = figure.axes
    lut = np.round(255 * maps[0].colours.map()(np.arange(256))[:, :3])
    for axes in (left, right):
        colours = np.round(255 * np.asarray(axes.collections[0].get_facecolor())[:, :3])
        vivid = np.unique(colours[np.ptp(colours, axis=1) > 12], axis=0)
        assert len(vivid) > 30  # V1 and V2 lie on the medial side
        assert np.abs(vivid[:, None] - lut[None]).max(2).min(1).max() <= 1
    assert bar.get_xlim() == (0.25, 0.75) and figure.texts[-1].get_text().startswith("Perception Reconstructor, subj")


def test_a_page_holds_the_values_and_needs_no_network(maps, tmp_path):
    path = tmp_path / "map.html"
    write_page(path, maps[:1])
    page = path.read_text(encoding="utf-8")
    assert "Perception Reconstructor, subject 1 (simulated)" in page and "HCP Open Access" in page
    assert not re.search(r"(src|href)=[^a-z]{0,8}https?:", page)
    decoded = [base64.b64decode(found) for found in re.findall(r"PD94[A-Za-z0-9+/=]{1000,}", page)]
    parts = [nibabel.GiftiImage.from_bytes(part) for part in decoded if b"<GIFTI" in part[:300]]
    values = [part.darrays[0].data for part in parts if len(part.darrays) == 1]
    shown, n_high = maps[0].shown, (maps[0].shown >= 0.25).sum()
    assert any(np.isclose(found.max(), np.nanmax(shown)) and (found >= 0.25).sum() == n_high for found in values)
