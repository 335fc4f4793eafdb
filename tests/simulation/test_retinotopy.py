"""Visual field maps of the simulated brains obey the laws of retinotopy."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from neuroclips.brain.cortex import N_CORTEX, load_cortex, load_edges
from neuroclips.simulation.retinotopy import MAPPED, MAX_ECCENTRICITY, visual_field
from neuroclips.simulation.subjects import draw_truth


@pytest.fixture(scope="module")
def truth():
    return draw_truth(1)


def area(name, left=None):
    cortex = load_cortex()
    return (cortex.area == name) & (True if left is None else cortex.left == left)


def test_every_mapped_vertex_has_a_place_and_no_other():
    eccentricity, angle = visual_field()
    mapped = np.isin(load_cortex().area, MAPPED)
    assert eccentricity.shape == (N_CORTEX,) and (np.isfinite(angle) == mapped).all()
    assert (np.isfinite(eccentricity) == mapped).all() and np.abs(angle[mapped]).max() <= 90
    assert 0 <= eccentricity[mapped].min() and eccentricity[mapped].max() == pytest.approx(MAX_ECCENTRICITY)


@pytest.mark.parametrize("name", ["V1", "V2", "V3", "V4", "MT"])
def test_each_hemisphere_sees_the_other_half(truth, name):
    outside_the_fovea = truth.eccentricity > 1
    left, right = (truth.x[area(name, left) & outside_the_fovea] for left in (True, False))
    assert np.mean(left > 0) > 0.8 and np.mean(right < 0) > 0.8  # vertical meridians spill over


@pytest.mark.parametrize("name", ["V1", "V2", "V3"])
@pytest.mark.parametrize("left", [True, False])
def test_upper_field_is_ventral_and_eccentricity_runs_forwards_in_the_calcarine(name, left):
    (eccentricity, angle), here, xyz = visual_field(), area(name, left), load_cortex().xyz
    assert spearmanr(angle[here], xyz[here, 2]).statistic < -0.5
    assert spearmanr(eccentricity[here], xyz[here, 1]).statistic > (0.9 if name == "V1" else 0.7)


def test_fields_grow_with_eccentricity_and_from_area_to_area(truth):
    at_four = []
    for name in ("V1", "V2", "V3", "V4"):
        here = area(name)
        slope, base = np.polyfit(truth.eccentricity[here], truth.size[here], 1)
        assert slope > 0.05
        at_four.append(base + 4 * slope)
    assert at_four == sorted(at_four) and at_four[-1] > 2 * at_four[0]


@pytest.mark.parametrize(("one", "other", "meridian"), [("V1", "V2", 90), ("V2", "V3", 0), ("V3", "V4", 90)])
def test_angle_is_mirrored_at_borders(one, other, meridian):
    """At the border both areas see one meridian, and away from it on either side they see the same angles again."""
    angle, edges = visual_field()[1], load_edges()
    border = edges[
        area(one)[edges[:, 0]] & area(other)[edges[:, 1]] | area(other)[edges[:, 0]] & area(one)[edges[:, 1]]
    ]
    assert len(border) > 100 and np.abs(np.abs(angle[border]) - meridian).mean() < 4
    sides = [np.sign(meridian - np.abs(angle[area(name)])) if meridian else None for name in (one, other)]
    for name, side in zip((one, other), sides, strict=True):
        here = area(name)
        assert np.percentile(np.abs(np.abs(angle[here]) - meridian), 75) > 30  # inside it moves away from the meridian
        assert side is None or (side >= 0).all()
    if not meridian:  # what is above the horizontal meridian in one area borders on what is above it in the other
        inner = _inwards(border)
        assert np.mean(np.sign(angle[inner[:, 0]]) == np.sign(angle[inner[:, 1]])) > 0.9


def _inwards(border):
    """For every pair over a border, the neighbours of each side whose angle is farthest from the horizontal."""
    angle, edges = visual_field()[1], load_edges()
    both, names = np.r_[edges, edges[:, ::-1]], load_cortex().area
    inner = []
    for pair in border:
        around = [both[both[:, 0] == v, 1] for v in pair]
        same = [np.r_[v, near[names[near] == names[v]]] for v, near in zip(pair, around, strict=True)]
        inner.append([rows[np.abs(angle[rows]).argmax()] for rows in same])
    inner = np.array(inner)
    return inner[(np.abs(angle[inner]) > 2).all(1)]


def test_truth_is_saved_and_read_whole(truth, tmp_path):
    path = truth.save(tmp_path / "truth.npz")
    again = type(truth).load(path)
    assert all(np.array_equal(v, getattr(again, k), equal_nan=True) for k, v in vars(truth).items())
    with np.load(path) as stored:
        assert stored["area"].shape == (N_CORTEX,) and len(stored["semantic_names"]) == len(truth.semantic)
