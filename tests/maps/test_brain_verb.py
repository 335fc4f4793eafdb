"""The verb brain: what it writes, and what it says where nobody knows where voxels are."""

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from neuroclips.brain.regions import rows_of
from neuroclips.cli import app
from neuroclips.errors import InputError
from neuroclips.maps import stored
from neuroclips.maps.drawn import cortex_map, layered, models_of
from neuroclips.maps.sources import Sources


def brain(*words):
    done = CliRunner().invoke(app, ["brain", *map(str, words)])
    assert done.exit_code == 0, done.stderr
    return done


def test_areas_as_csv(tmp_path):
    said = json.loads(brain("--subject", "1,2", "--region", "V1,FFC", "--out", tmp_path / "areas.csv", "--json").stdout)
    assert said["missing"] is None and [one["precomputed"] for one in said["maps"]] == [True] * 4
    rows = list(csv.DictReader((tmp_path / "areas.csv").open(encoding="utf-8")))
    assert {(row["region"], row["hemisphere"]) for row in rows} == {(a, h) for a in ("V1", "FFC") for h in "LR"}
    assert len(rows) == 16 and all(float(row["low"]) < float(row["mean"]) < float(row["high"]) for row in rows)
    assert {(row["dataset"], row["made"]) for row in rows} == {("simulated", "precomputed")}
    assert all("HCP Open Access" in row["terms"] for row in rows)
    words = (tmp_path / "areas.LICENSE.txt").read_text(encoding="utf-8")
    assert "HCP Open Access Data Use Terms" in words and "Glasser" in words
    assert said["files"] == [str(tmp_path / name) for name in ("areas.csv", "areas.LICENSE.txt")]


def test_only_a_region_is_drawn():
    whole, part = (cortex_map(layered(Sources(1), "weights", "semantic"), region=r) for r in (None, "early visual"))
    inside = rows_of("early visual")
    assert np.isnan(part.shown[~inside]).all()
    np.testing.assert_array_equal(part.shown[inside], whole.shown[inside])  # scaled as the whole is
    with pytest.raises(InputError, match="none is there"):
        cortex_map(layered(Sources(1), "weights", "semantic"), region="A1")


def test_a_map_is_the_stored_layer_at_its_voxels(data):
    drawn = cortex_map(layered(Sources(2), "encoding", "perception"), "min-max")
    index = data.vertex_index(2)
    np.testing.assert_allclose(drawn.raw[index], stored.values(2, "encoding", "perception"))
    np.testing.assert_allclose(drawn.shown[index], stored.scaled(2, "encoding", "perception", "min-max")[0], atol=1e-6)
    assert drawn.row == "subject 2 (simulated)" and drawn.voxels.sum() == len(index)


def test_both_is_every_model_that_a_layer_has():
    assert models_of("weights", "both") == ["perception", "semantic"] and models_of("weights", "semantic") == [
        "semantic"
    ]
    assert models_of("reliability", "both") == [None]


def test_without_a_vertex_index_there_is_a_table_of_voxels_and_the_rest_is_told(tmp_path):
    """The hub files of cc2017 do not say where voxels are; weights by voxel need only the reconstructors."""
    out = tmp_path / "voxels.csv"
    done = brain("--dataset", "cc2017", "--model", "perception", "--out", out)
    assert "no flat map, inflated surface, GIFTI or CIFTI file and no table of areas" in done.stderr
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert "subject 1 (cc2017): computed now" in done.stdout
    assert {(row["dataset"], row["made"]) for row in rows} == {("cc2017", "computed now")}
    found = [float(row["value"]) for row in rows]
    np.testing.assert_allclose(found, stored.values(1, "weights", "perception"), rtol=2e-3)
    for words in (["--out", tmp_path / "a.png"], ["--out", tmp_path / "b.csv", "--region", "V1"]):
        failed = CliRunner().invoke(app, ["brain", "--dataset", "cc2017", *map(str, words)])
        assert failed.exit_code == 2 and "do not say which vertices they hold" in failed.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["voxels.csv"]


def test_a_vertex_index_of_other_voxels_is_refused(tmp_path):
    np.savez(tmp_path / "mine.npz", fmri=np.zeros((2, 5), np.float32), vertex_index=np.arange(5))
    words = ["--dataset", "file", "--source", tmp_path / "mine.npz", "--out", tmp_path / "a.png"]
    failed = CliRunner().invoke(app, ["brain", *map(str, words)])
    assert failed.exit_code == 2 and "got a vertex index of 5 voxels and a layer of 3,286" in failed.stderr


def test_what_there_is_is_listed():
    assert "MT complex" in brain("--list").stdout and "haufe" in brain("--list").stdout
    assert json.loads(brain("--list", "--json").stdout)["groups"]["V1"] == ["V1"]
