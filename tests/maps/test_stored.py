"""The stored layers are what the code makes of what ships; tables and claims follow from them."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pytest

from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.regions import GROUPS, parcels
from neuroclips.data.simulated import is_made
from neuroclips.errors import InputError
from neuroclips.maps import claims, stored
from neuroclips.maps.compute import compute
from neuroclips.maps.drawn import cortex_map, layered
from neuroclips.maps.layers import LAYERS, MODELS, all_keys
from neuroclips.maps.regions import table, table_of, to_csv
from neuroclips.maps.sources import Sources


@pytest.mark.parametrize("subject", stored.SUBJECTS)
def test_every_layer_is_stored_for_every_voxel(data, subject):
    assert stored.available(subject) == all_keys()
    for layer, model in all_keys():
        values = stored.values(subject, layer, model)
        scaled, (low, high) = stored.scaled(subject, layer, model)
        assert values.shape == data.vertex_index(subject).shape and np.isfinite(values).all()
        assert scaled.min() >= 0 and scaled.max() <= 1 and low < high
        assert not LAYERS[layer].signed or low == -high


AGAIN = [("weights", subject) for subject in stored.SUBJECTS] + [("truth", 3)]
FROM_CACHE = pytest.mark.skipif(not is_made(3), reason="the samples of subject 3 are not in the cache")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("layer, subject", [*AGAIN, pytest.param("haufe", 3, marks=FROM_CACHE)])
def test_stored_layers_are_computed_again(layer, subject, model):
    assert np.allclose(stored.values(subject, layer, model), compute(layer, Sources(subject), model), rtol=1e-3)


def test_layers_that_follow_from_others_are_those_that_are_computed():
    for layer in ("difference", "truth-total"):
        assert np.allclose(stored.values(3, layer), compute(layer, Sources(3)), atol=2e-3)


def test_the_scale_is_a_named_choice_and_is_told():
    plain, robust = (stored.scaled(1, "weights", "perception", scale)[0] for scale in ("min-max", "robust"))
    assert (plain < 0.25).mean() > 0.9 > 0.8 > (robust < 0.25).mean()  # why the app opens on the robust one
    assert np.array_equal(stored.scaled(1, "weights", "perception")[0], plain)
    weights = layered(Sources(1), "weights", "perception")
    assert "from the least value to the largest" in cortex_map(weights).label
    assert "1st to the 99th percentile" in cortex_map(weights, "robust").label


def test_unknown_subjects_are_refused():
    with pytest.raises(InputError, match="got subject 9"):
        stored.values(9, "reliability")


def test_pages_read_layers_without_a_model_library():
    code = "import sys, neuroclips.maps.stored as s; s.values(1, 'reliability'); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_regions_have_their_voxels_and_means(data):
    rows, values = table(1, "weights", "semantic"), stored.values(1, "weights", "semantic")
    cortex, index = load_cortex(), data.vertex_index(1)
    assert sum(row.voxels for row in rows) == len(index) and rows == sorted(rows, key=lambda row: -row.mean)
    (v1,) = (row for row in rows if (row.region, row.hemisphere) == ("V1", "L"))
    here = (cortex.area[index] == "V1") & cortex.left[index]
    assert v1.voxels == here.sum() and v1.mean == pytest.approx(values[here].mean(), rel=1e-5) and v1.group == "V1"
    assert v1.low < v1.mean < v1.high
    ffc = table(1, "weights", "semantic", "L_FFC")
    assert [(row.region, row.hemisphere, row.group) for row in ffc] == [("FFC", "L", "ventral")]


def test_areas_without_a_value_are_told_last(data):
    index, values = data.vertex_index(1), stored.values(1, "weights", "semantic")
    values[parcels(index) == "R_V1"] = np.nan
    rows = table_of(values, index)
    assert (rows[-1].region, rows[-1].hemisphere) == ("V1", "R") and np.isnan(rows[-1].mean)
    assert sum(np.isnan(row.mean) for row in rows) == 1 and rows[-1].voxels > 1
    assert [row.mean for row in rows[:-1]] == sorted((row.mean for row in rows[:-1]), reverse=True)


def test_a_table_is_limited_to_regions_and_written_as_csv():
    rows = table(2, "encoding", "perception", regions="L_V1,ventral")
    assert {row.region for row in rows} == {"V1", *GROUPS["ventral"]}
    assert [row.hemisphere for row in rows if row.region == "V1"] == ["L"]
    lines = list(csv.DictReader(io.StringIO(to_csv(rows, 2, "encoding", "perception"))))
    assert len(lines) == len(rows) and lines[0]["unit"] == "R squared" and lines[0]["layer"] == "encoding/perception"
    assert float(lines[0]["mean"]) == pytest.approx(rows[0].mean)
    assert {(line["dataset"], line["made"]) for line in lines} == {("simulated", "precomputed")}
    assert all("HCP Open Access" in line["terms"] and "Glasser" in line["terms"] for line in lines)
    with pytest.raises(InputError, match="such as: FFC"):
        table(1, "weights", "semantic", regions="FFX")
    with pytest.raises(InputError, match="none lies in them"):
        table(1, "weights", "semantic", regions="24dd")


def test_stored_claims_are_worked_out_again():
    written = stored.stored_claims()
    assert set(written["section 7"]) == set(claims.HELD)
    for layer in ("weights", "importance"):
        found = json.loads(json.dumps(claims.section7(layer, (3,), 10)))
        for name, of in found.items():
            for key in ("perception", "semantic", "voxels", "difference"):
                assert of["3"][key] == pytest.approx(written["section 7"][layer][name]["3"][key], abs=2e-4)
    again = claims.against_truth(3, 10)
    for true, layers in written["truth"]["3"].items():
        for layer, agreement in layers.items():
            assert again[true][layer]["rho"] == pytest.approx(agreement["rho"], abs=2e-3)


def test_the_truth_itself_fulfils_the_claim():
    """Of the simulated brains it is so by design: what the test finds in it is what it finds at its best."""
    for claim in stored.stored_claims()["section 7"]["truth"].values():
        assert claim["all"]["difference"] > 0.3 and claim["all"]["p"] < 0.05
