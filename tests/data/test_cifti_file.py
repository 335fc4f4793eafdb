"""A visitor's CIFTI run: read at the vertices that are asked for, whatever the rest of the file holds."""

import gzip

import numpy as np
import pytest
from nibabel.cifti2 import Cifti2Image, SeriesAxis

from neuroclips.data.file import FileDataset
from neuroclips.errors import InputError
from neuroclips.preprocessing.grayordinates import standard_rows

INDEX = np.array([250, 0, 7])


@pytest.fixture
def run():
    """(20, 300) of the first vertices of the left cortex, of which one that is not asked for is not finite."""
    volumes = 100 + np.random.default_rng(0).standard_normal((20, 300)).astype(np.float32)
    volumes[3, 100] = np.inf
    return volumes


def written(path, volumes, step=2.0):
    image = Cifti2Image(volumes, (SeriesAxis(0, step, len(volumes)), standard_rows()[: volumes.shape[1]]))
    path.write_bytes(gzip.compress(image.to_bytes(), 1) if path.suffix == ".gz" else image.to_bytes())
    return path


@pytest.mark.parametrize("name", ["run.dtseries.nii", "run.dtseries.nii.gz"])
def test_only_the_vertices_of_the_index_count(tmp_path, run, name):
    data = FileDataset(written(tmp_path / name, run), vertex_index=INDEX)
    samples = np.stack([data.sample(1, i).voxels.numpy() for i in range(20)])
    for column, vertex in zip(samples.T, INDEX, strict=True):
        assert np.corrcoef(column, run[:, vertex])[0, 1] > 0.8
    assert data.vertex_index(1).tolist() == INDEX.tolist()


def test_what_is_asked_for_must_be_there_and_be_numbers_two_seconds_apart(tmp_path, run):
    path = written(tmp_path / "run.dtseries.nii", run)
    with pytest.raises(InputError, match="not numbers in 1 of 2 vertices"):
        FileDataset(path, vertex_index=np.array([0, 100]))
    with pytest.raises(InputError, match="got no row for 1 of 2 cortical vertices"):
        FileDataset(path, vertex_index=np.array([0, 300]))
    with pytest.raises(InputError, match="got 0.72 s between volumes, expected 2 s"):
        FileDataset(written(path, run, step=0.72), vertex_index=INDEX)
