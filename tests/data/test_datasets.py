"""One interface for all data: a small copy of each layout is written and read back, and wrong shapes are named."""

import json
import os
import pickle
import shutil

import numpy as np
import pytest
import torch

from neuroclips.data import cc2017
from neuroclips.data.cc2017 import Cc2017Dataset, Cc2017Layout, Cc2017TrainingFiles
from neuroclips.data.file import FileDataset
from neuroclips.data.preprocessed import PreprocessedDataset
from neuroclips.data.registry import DATASETS, load_dataset
from neuroclips.data.simulated import SimulatedDataset
from neuroclips.data.swapped import SwappedDataset
from neuroclips.errors import InputError
from neuroclips.preprocessing import cifti
from neuroclips.preprocessing.layout import N_VOXELS
from neuroclips.run import reconstruct, scored
from neuroclips.types import Request, Settings

SMALL = Cc2017Layout(n_voxels={1: 7, 2: 5, 3: 4}, n_train=12, n_test=8, pixels=16)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def hub_copy(tmp_path):
    """The files of the authors' hub dataset at a small size."""
    generator = torch.Generator().manual_seed(0)
    for subject in SMALL.n_voxels:
        for kind in ("train", "test"):
            name = f"subj{subject:02d}_{kind}_fmri.pt"
            torch.save(torch.randn(SMALL.shape(name), generator=generator), tmp_path / name)
    for kind, n in (("train", SMALL.n_train), ("test", SMALL.n_test)):
        torch.save(torch.rand(SMALL.shape(f"GT_{kind}_3fps.pt"), generator=generator), tmp_path / f"GT_{kind}_3fps.pt")
        torch.save(np.array([f"a dog on clip {i}" for i in range(n)]), tmp_path / f"GT_{kind}_caption.pt")
    return tmp_path


def test_cc2017_is_read_back(hub_copy):
    data = Cc2017Dataset(hub_copy, SMALL)
    stored = torch.load(hub_copy / "subj02_test_fmri.pt")
    assert torch.allclose(data.sample(2, 3).voxels, stored[3].mean(0))
    training = Cc2017TrainingFiles(hub_copy, SMALL)
    assert training.fmri(2).shape == (12, 2, 5) and training.frames(5).shape == (6, 3, 16, 16)
    assert training.caption(5) == "a dog on clip 5" and not hasattr(training, "sample")
    frames = torch.load(hub_copy / "GT_test_3fps.pt")
    assert torch.equal(data.stimulus(1, 6), frames[1]) and data.stimulus(1, 16).shape == (16, 3, 16, 16)
    assert data.caption(5) == "a dog on clip 5"
    with pytest.raises(ValueError, match="do not say which vertices"):
        data.vertex_index(1)
    with pytest.raises(ValueError, match="test clips 0 to 7"):
        data.sample(1, 8)


def test_cc2017_is_scored_on_its_six_frames(hub_copy, judges, generator):
    """A film at 8 fps whose frames at 0, 1/3 ... 5/3 s are the true ones is perfect, whatever lies between."""
    data, video = Cc2017Dataset(hub_copy, SMALL), torch.rand(16, 3, 16, 16, generator=generator)
    video[[0, 3, 5, 8, 11, 13]] = data.stimulus(5, 6)
    scores = scored(video, data, 5, judges).video
    assert scores.psnr == np.inf and scores.ssim == pytest.approx(1.0)
    other = scored(data.stimulus(5, 16), data, 5, judges).video  # shown at 8 fps, by repeats: not the true times
    assert other.ssim < 0.8


def test_cc2017_declares_the_counts_of_the_paper():
    info = Cc2017Dataset().info
    assert info.n_voxels == N_VOXELS and (info.n_train, info.n_clips, info.tr) == (4320, 1200, 2.0)
    assert info.repeats == {"train": 2, "test": 10}


def test_cc2017_names_a_file_of_another_shape(hub_copy):
    torch.save(torch.zeros(8, 10, 6), hub_copy / "subj01_test_fmri.pt")
    with pytest.raises(ValueError, match=r"subj01_test_fmri.pt: got \(8, 10, 6\), expected \(8, 10, 7\)"):
        Cc2017Dataset(hub_copy, SMALL).sample(1, 0)
    (hub_copy / "subj02_test_fmri.pt").unlink()
    with pytest.raises(FileNotFoundError, match="subj02_test_fmri.pt"):
        Cc2017Dataset(hub_copy, SMALL).sample(2, 0)


class Harmful:
    def __reduce__(self):
        import pathlib

        return (pathlib.Path.touch, (pathlib.Path("harm-was-done"),))


def test_no_pickled_code_is_run(hub_copy, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    torch.save({"x": Harmful()}, hub_copy / "GT_test_caption.pt")
    with pytest.raises(ValueError, match=r"GT_test_caption\.pt: got"):
        Cc2017Dataset(hub_copy, SMALL).caption(0)
    assert not (tmp_path / "harm-was-done").exists()
    pickle.loads(pickle.dumps(Harmful()))  # the trap works: plain unpickling does run it
    assert (tmp_path / "harm-was-done").exists()


def test_the_hub_is_asked_for_the_pinned_files(monkeypatch, hub_copy):
    import huggingface_hub

    asked = []

    def download(repository, name, repo_type, revision):
        asked.append((repository, name, repo_type, revision))
        return str(hub_copy / name)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    assert Cc2017Dataset(None, SMALL).sample(1, 0).voxels.shape == (7,)
    assert asked == [(cc2017.REPOSITORY, "subj01_test_fmri.pt", "dataset", cc2017.REVISION)]


def test_without_a_connection_the_message_says_what_to_do(monkeypatch):
    import huggingface_hub
    from huggingface_hub.errors import OfflineModeIsEnabled

    def refuse(*_, **__):
        raise OfflineModeIsEnabled("offline")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", refuse)
    with pytest.raises(FileNotFoundError, match="pass the folder of a copy"):
        Cc2017Dataset().sample(1, 0)


@pytest.fixture
def preprocessed_copy(tmp_path, rng):
    """What `preprocess` writes, of one training and one test film."""
    home = tmp_path / "subject2"
    home.mkdir()
    test = rng.standard_normal((240, 10, 9)).astype(np.float32)
    test[5, 4:] = np.nan  # showings that are missing
    np.save(home / "train_fmri.npy", rng.standard_normal((240, 2, 9)).astype(np.float32))
    np.save(home / "test_fmri.npy", test)
    np.save(home / "vertex_index.npy", np.arange(9) * 100)
    meta = {"dataset": "simulated", "subject": "subject2", "films": ["seg1", "test1"], "n_voxels": 9, "tr": 2.0}
    (home / "meta.json").write_text(json.dumps(meta))
    return tmp_path


def test_preprocessed_is_read_back(preprocessed_copy):
    data = PreprocessedDataset(preprocessed_copy)
    assert data.info.n_voxels == {2: 9} and (data.info.n_train, data.info.n_clips) == (240, 240)
    stored = np.load(preprocessed_copy / "subject2" / "test_fmri.npy")
    assert np.allclose(data.sample(2, 5).voxels, stored[5, :4].mean(0), atol=1e-6)
    assert data.vertex_index(2)[-1] == 800
    assert torch.equal(data.stimulus(7, 6), SimulatedDataset().stimulus(7, 6))


def test_preprocessed_checks_shapes_and_that_it_is_finished(preprocessed_copy):
    home = preprocessed_copy / "subject2"
    np.save(home / "test_fmri.npy", np.zeros((239, 10, 9), np.float32))
    with pytest.raises(ValueError, match=r"test_fmri.npy: got \(239, 10, 9\), expected \(240, 10, 9\)"):
        PreprocessedDataset(preprocessed_copy)
    (home / "meta.json").unlink()
    with pytest.raises(FileNotFoundError, match="no finished dataset"):
        PreprocessedDataset(preprocessed_copy)


def spoilt(home, name, change):
    array = np.load(home / name)
    np.save(home / name, change(array))


def put(value, *place):
    def change(array):
        array[place] = value
        return array

    return change


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("test_fmri.npy", put(np.nan, 7, 2, 3), "test_fmri.npy: clip 7: got values that are not numbers"),
        ("test_fmri.npy", put(np.inf, 239, 2, 3), "clip 239: got values that are not numbers"),
        ("test_fmri.npy", put(np.inf, 7, 2), "clip 7: got values that are not numbers"),
        ("test_fmri.npy", put(np.nan, 5), "clip 5: got no showing, expected one"),
        (
            "test_fmri.npy",
            lambda a: a.astype(complex),
            "test_fmri.npy: got values of type complex128, expected",
        ),
        ("train_fmri.npy", lambda a: a.astype(str), "train_fmri.npy: got values of type <U32, expected float32"),
        ("train_fmri.npy", lambda a: np.zeros(a.shape, [("x", "f4")]), "train_fmri.npy: got values of type"),
        ("train_fmri.npy", lambda a: a[..., 0], r"train_fmri.npy: got \(240, 2\), expected \(240, 2, 9\)"),
        ("vertex_index.npy", put(3, slice(4)), "vertex_index.npy: got 3 vertices more than once"),
        ("vertex_index.npy", put(60_000, 0), "vertex_index.npy: got vertices 100 to 60000, expected"),
        ("vertex_index.npy", lambda a: a[None], r"vertex_index.npy: got a vertex index of shape \(1, 9\)"),
        ("vertex_index.npy", lambda a: a + 0.5, "vertex_index.npy: got a vertex index of type float64"),
    ],
)
def test_a_preprocessed_array_that_is_damaged_is_named(preprocessed_copy, name, change, complaint):
    spoilt(preprocessed_copy / "subject2", name, change)
    with pytest.raises(InputError, match=complaint):
        data = PreprocessedDataset(preprocessed_copy)
        for clip in range(data.info.n_clips):
            data.sample(2, clip)


@pytest.mark.parametrize("name", ["meta.json", "test_fmri.npy", "train_fmri.npy", "vertex_index.npy"])
@pytest.mark.parametrize("damage", ["cut", "empty", "pipe"])
def test_a_preprocessed_file_that_does_not_read_is_named(preprocessed_copy, name, damage):
    path = preprocessed_copy / "subject2" / name
    whole = path.read_bytes()
    path.unlink()
    os.mkfifo(path) if damage == "pipe" else path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"")
    with pytest.raises(InputError, match=name):
        PreprocessedDataset(preprocessed_copy)


def test_folders_of_one_subject_or_of_other_data_are_not_mixed(preprocessed_copy):
    other = preprocessed_copy / "other"
    shutil.copytree(preprocessed_copy / "subject2", other)
    with pytest.raises(InputError, match="got subject 2 in .*other and .*subject2, expected it once"):
        PreprocessedDataset(preprocessed_copy)
    meta = json.loads((other / "meta.json").read_text()) | {"subject": "subject3", "dataset": "cc2017 layout"}
    (other / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(InputError, match="meta.json: dataset: got simulated, expected cc2017 layout"):
        PreprocessedDataset(preprocessed_copy)


def test_simulated_is_read_back_and_checked(tmp_path, rng):
    for subject, voxels in ((1, 6), (2, 5), (3, 4)):
        arrays = {"test_fmri": rng.standard_normal((300, voxels)).astype(np.float16), "vertex_index": np.arange(voxels)}
        np.savez(tmp_path / f"subject{subject}.npz", **arrays)
    counts = {1: 6, 2: 5, 3: 4}
    data = SimulatedDataset(tmp_path, counts)
    assert data.info.n_voxels == counts and data.sample(3, 299).voxels.shape == (4,)
    np.savez(tmp_path / "subject2.npz", test_fmri=np.zeros((299, 5)), vertex_index=np.arange(5))
    with pytest.raises(ValueError, match=r"subject2.npz: got \(299, 5\), expected \(300, 5\)"):
        SimulatedDataset(tmp_path, counts)
    (tmp_path / "subject3.npz").unlink()
    with pytest.raises(FileNotFoundError, match="subject3.npz"):
        SimulatedDataset(tmp_path, counts)


def test_swapped_gives_every_clip_the_fmri_of_another(data):
    swapped = SwappedDataset(data)
    assert sorted(swapped.partner) == list(range(300)) and (np.abs(swapped.partner - np.arange(300)) > 10).all()
    assert torch.equal(swapped.sample(1, 4).voxels, data.sample(1, int(swapped.partner[4])).voxels)
    assert torch.equal(swapped.stimulus(4, 6), data.stimulus(4, 6)) and swapped.sample(1, 4).clip == 4


def test_arrays_of_a_visitor_are_read_back(tmp_path, rng):
    samples = rng.standard_normal((4, 6)).astype(np.float32)
    np.save(tmp_path / "two.npy", samples)
    np.save(tmp_path / "one.npy", samples[0])
    np.savez(tmp_path / "named.npz", fmri=np.stack([samples, -samples, samples], 1), vertex_index=np.arange(6))
    assert torch.equal(FileDataset(tmp_path / "two.npy").sample(1, 2).voxels, torch.from_numpy(samples[2]))
    assert FileDataset(tmp_path / "one.npy").info.n_clips == 1
    named = FileDataset(tmp_path / "named.npz")
    assert np.allclose(named.sample(1, 1).voxels, samples[1] / 3, atol=1e-6) and named.vertex_index(1)[5] == 5
    with pytest.raises(ValueError, match="without a vertex index"):
        FileDataset(tmp_path / "two.npy").vertex_index(1)
    with pytest.raises(ValueError, match="fMRI alone"):
        named.stimulus(0, 6)


def test_a_cifti_of_a_visitor_is_read_at_its_vertices(tmp_path, rng):
    cortex = 100 + rng.standard_normal((20, 59_412)).astype(np.float32)
    cifti.write_run(tmp_path / "run.dtseries.nii", cortex, rng)
    index = np.array([5, 40_000, 59_411])
    data = FileDataset(tmp_path / "run.dtseries.nii", vertex_index=index)
    samples = torch.stack([data.sample(1, i).voxels for i in range(20)])
    assert np.corrcoef(samples[:, 1], cortex[:, 40_000])[0, 1] > 0.8 and (data.vertex_index(1) == index).all()


def test_the_registry_names_what_exists():
    controls = {"swapped", "zero", "noise", "other", "null"}
    assert set(DATASETS) == {"simulated", "cc2017", "preprocessed", "file"} | controls
    with pytest.raises(ValueError, match="expected one of: simulated, swapped"):
        load_dataset("cc2018")
    with pytest.raises(ValueError, match="--source"):
        load_dataset("file")


def test_a_file_without_films_is_decoded_and_not_scored(tmp_path, data):
    np.save(tmp_path / "mine.npy", np.stack([data.sample(1, clip).voxels.numpy() for clip in range(4)]))
    few = Settings(video_steps=4)
    mine = reconstruct(Request(1, 3, few, dataset="file", source=tmp_path / "mine.npy"))
    known = reconstruct(Request(1, 3, few))
    assert mine.truth is None and mine.summary["scores"] is None
    assert mine.summary["frames_sha256"] == known.summary["frames_sha256"]
