"""GIFTI pairs as fMRIPrep writes them: either of the two gives both, at the right vertices."""

import base64
import json
import zlib

import nibabel
import numpy as np
import pytest
import torch

from neuroclips.brain.cortex import load_cortex
from neuroclips.data.file import FileDataset
from neuroclips.data.surfaces import N_MESH, OTHER_MESHES, read_surfaces
from neuroclips.errors import InputError, MissingError, TooLargeError
from tests.data.builders import DAMAGES, both_hemispheres, hemisphere


def test_either_file_gives_the_cortex_of_both(tmp_path):
    left, right = both_hemispheres(tmp_path)
    stored = [np.random.default_rng(seed).standard_normal((10, N_MESH)).astype(np.float32) for seed in (0, 1)]
    cortex = read_surfaces(left)
    assert cortex.shape == (10, 59_412) and np.array_equal(cortex, read_surfaces(right))
    mesh, n_left = load_cortex().mesh_index, int(load_cortex().left.sum())
    assert np.array_equal(cortex[:, :n_left], stored[0][:, mesh[:n_left]])
    assert np.array_equal(cortex[:, n_left:], stored[1][:, mesh[n_left:] - N_MESH])


def test_a_pair_is_read_at_the_vertices_of_an_index(tmp_path):
    left, right = both_hemispheres(tmp_path)
    index = np.array([40_000, 3])
    data = [FileDataset(path, vertex_index=index) for path in (left, right)]
    assert torch.equal(data[0].sample(1, 4).voxels, data[1].sample(1, 4).voxels)
    assert data[0].info.n_voxels == {1: 2} and data[0].vertex_index(1).tolist() == [40_000, 3]
    with pytest.raises(InputError, match="without a vertex index"):
        FileDataset(left)


def test_values_that_are_not_finite_count_at_the_index_alone(tmp_path):
    left, right = both_hemispheres(tmp_path)
    row = int(load_cortex().mesh_index[7])
    image = nibabel.load(left)
    image.darrays[2].data = np.where(np.arange(N_MESH) == row, np.nan, image.darrays[2].data).astype(np.float32)
    nibabel.save(image, left)
    assert FileDataset(left, vertex_index=np.array([6, 8])).info.n_clips == 10
    with pytest.raises(InputError, match=r"got 1 of 20 values that are NaN"):
        FileDataset(right, vertex_index=np.array([6, 7]))


@pytest.mark.parametrize("n_vertices", [*OTHER_MESHES, 1000])
def test_another_mesh_is_named(tmp_path, n_vertices):
    left, _ = both_hemispheres(tmp_path, n_vertices, n_volumes=8)
    mesh = rf" \({OTHER_MESHES[n_vertices]}\)" if n_vertices in OTHER_MESHES else ""
    with pytest.raises(InputError, match=rf"got {n_vertices:,} vertices{mesh}, expected 32,492 of fsLR 32k: run"):
        read_surfaces(left)


def test_what_does_not_fit_together_is_named(tmp_path):
    left, right = both_hemispheres(tmp_path)
    hemisphere(right, n_volumes=9)
    with pytest.raises(InputError, match=r"hemi-R.* got 9 volumes, expected 10, as .*hemi-L"):
        read_surfaces(left)
    hemisphere(right, side="CortexLeft")
    with pytest.raises(InputError, match=r"hemi-R.* got CortexLeft, expected CortexRight"):
        read_surfaces(left)
    right.unlink()
    with pytest.raises(MissingError, match=r"hemi-L.* got one hemisphere, expected sub-1_hemi-R"):
        read_surfaces(left)
    hemisphere(tmp_path / "alone.func.gii")
    with pytest.raises(InputError, match=r"alone.* without hemi-L or hemi-R"):
        read_surfaces(tmp_path / "alone.func.gii")
    hemisphere(left, n_volumes=0)
    hemisphere(right)
    with pytest.raises(InputError, match=r"hemi-L.* got arrays of shapes none"):
        read_surfaces(left)


def test_the_tr_is_that_of_the_json_or_of_the_file(tmp_path):
    left, _ = both_hemispheres(tmp_path, step=0.72)  # the .json counts, of which the unit is known
    assert read_surfaces(left).shape == (10, 59_412)
    left.with_name(left.name.replace(".func.gii", ".json")).write_text(json.dumps({"RepetitionTime": 0.72}))
    with pytest.raises(InputError, match=r"bold\.json: got a TR of 0\.72 s, expected 2 s"):
        read_surfaces(left)
    for half in tmp_path.glob("*.json"):
        half.unlink()
    with pytest.raises(InputError, match=r"func\.gii: got a TR of 0\.72 without a unit"):
        read_surfaces(left)
    for half in "LR":
        hemisphere(tmp_path / f"run.{half}.func.gii")
    with pytest.warns(UserWarning, match=r"got no TR in it or in run\.[LR]\.json, taken as 2 s"):
        read_surfaces(tmp_path / "run.L.func.gii")


@pytest.mark.parametrize("value", ['"two"', "[2]", "{}"])
def test_a_tr_that_is_no_number_is_named(tmp_path, value):
    left, _ = both_hemispheres(tmp_path, n_volumes=8)
    for path in tmp_path.glob("*.json"):
        path.write_text(f'{{"RepetitionTime": {value}}}')
    with pytest.raises(InputError, match=r"bold\.json"):
        read_surfaces(left)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_half_is_named_whichever_is_given(tmp_path, damage):
    left, right = both_hemispheres(tmp_path, n_volumes=8)
    right.write_bytes(DAMAGES[damage](right.read_bytes()))
    with pytest.raises(InputError, match=r"hemi-R.*expected") as caught:
        read_surfaces(left)
    assert "\n" not in str(caught.value)


def test_an_array_that_unpacks_to_more_than_a_volume_is_not_unpacked(tmp_path):
    left, _ = both_hemispheres(tmp_path, n_volumes=8)
    packed = base64.b64encode(zlib.compress(bytes(50_000_000)))
    head, data, tail = left.read_bytes().partition(b"<Data>")
    left.write_bytes(head + data + packed + tail[tail.index(b"</Data>") :])
    with pytest.raises(TooLargeError, match=r"hemi-L.* got an array of more than"):
        read_surfaces(left)
