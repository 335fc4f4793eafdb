"""From nothing to a film in the paper zoo, by the commands that docs/models.md walks, at tiny sizes."""

import json
from functools import partial

import numpy as np
import pytest
import torch
from torchvision.io import write_jpeg
from typer.testing import CliRunner

from neuroclips import cli
from neuroclips.data import cc2017
from neuroclips.reconstructors import weights
from neuroclips.zoo import zoo_named
from tests.paper_zoo import FILM, KEYFRAME, TOKEN_WIDTH, TOKENS

SMALL = partial(cc2017.Cc2017Layout, n_voxels={1: 20}, n_train=480, n_test=4, pixels=32)  # two films of training
NETWORK = ["--set", "network.ridge_dim=8", "--set", "network.hidden_dim=8", "--set", "network.n_blocks=1"]
LOW = ["--set", "network.channels=[16,8,8]", "--set", "network.extension_dim=4"]
PRIOR = ["--set", "network.depth=1", "--set", "network.heads=2"]
CHANGES = {"perception": NETWORK + LOW, "semantic": NETWORK, "prior": PRIOR}
FEW = ["--steps", 2, "--batch-size", 8]
N_PICTURES = 620  # of which 600 are held out


def run(*words):
    done = CliRunner().invoke(cli.app, list(map(str, words)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def train(paper, tmp_path):
    """Trains a stage of the paper zoo into the folder "mine"."""

    def train(stage, *words, out=None):
        folders = ["--out", tmp_path / "mine" / (out or stage), "--run-dir", tmp_path / "runs" / stage]
        return run("train", "--zoo", "paper", "--stage", stage, *FEW, *words, *folders)

    return train


@pytest.fixture
def copy_of_cc2017(tmp_path, monkeypatch):
    """The authors' files of one subject in a folder, with fewer clips, voxels and pixels."""
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cc2017, "Cc2017Layout", SMALL)
    folder, layout, draw = tmp_path / "cc2017", SMALL(), torch.Generator().manual_seed(0)
    folder.mkdir()
    for kind in ("train", "test"):
        for name in (f"subj01_{kind}_fmri.pt", f"GT_{kind}_3fps.pt"):
            torch.save(torch.rand(layout.shape(name), generator=draw).half(), folder / name)
        captions = [f"clip {i % 9}" for i in range(layout.shape(f"GT_{kind}_caption.pt")[0])]
        torch.save(np.array(captions), folder / f"GT_{kind}_caption.pt")
    return folder


@pytest.fixture
def coco(tmp_path, generator):
    """Pictures and captions as MSCOCO has them."""
    folder = tmp_path / "coco"
    (folder / "train2017").mkdir(parents=True)
    for i in range(N_PICTURES):
        picture = (torch.rand(3, 1, 1, generator=generator) * 255).byte().expand(3, 16, 16)
        write_jpeg(picture.contiguous(), str(folder / "train2017" / f"{i}.jpg"))
    images = [{"id": i, "file_name": f"{i}.jpg"} for i in range(N_PICTURES)]
    notes = [{"image_id": i, "caption": f"picture {i % 50}"} for i in range(N_PICTURES)]
    (folder / "captions_train2017.json").write_text(json.dumps({"images": images, "annotations": notes}))
    return folder


def test_from_a_copy_of_cc2017_to_a_film(paper, train, copy_of_cc2017, coco, tmp_path):
    data = ["--dataset", "cc2017", "--source", copy_of_cc2017]
    train("projector", "--source", coco)
    for stage, changes in CHANGES.items():
        train(stage, "--subject", 1, *data, *changes, out=f"subject1/{stage}")
    perception, semantic = (weights.load(tmp_path / "mine" / "subject1" / name) for name in ("perception", "semantic"))
    assert perception.config.latent_side == 4 and perception.config.n_frames == 6  # of 32 pixels
    assert semantic.centre.shape == (TOKENS, TOKEN_WIDTH) and semantic.n_voxels == 20
    run("reconstruct", "--zoo", "paper", *data, "--reconstructors", tmp_path / "mine", "--out", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "reconstruction.json").read_text())
    assert told["zoo"] == "paper" and told["dataset"] == "cc2017" and told["caption"] and told["scores"]
    assert all(origin["from"].startswith(str(tmp_path / "mine")) for origin in told["reconstructors"].values())
    assert KEYFRAME == FILM == 64 and (tmp_path / "out" / "keyframe.png").exists()


@pytest.fixture
def simulated(tmp_path, monkeypatch):
    """What `simulate --out` writes of two films, but that this brain hears only noise; frames are small."""
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("neuroclips.data.simulated.film_pixels", lambda: 64)
    home = tmp_path / "data" / "subject1"
    home.mkdir(parents=True)
    meta = {"dataset": "simulated", "subject": "subject1", "films": ["seg1", "seg2"], "n_voxels": 20, "tr": 2.0}
    (home / "meta.json").write_text(json.dumps(meta))
    voxels = np.random.default_rng(0).standard_normal((480, 2, 20), np.float32)
    np.save(home / "train_fmri.npy", voxels)
    return tmp_path / "data"


def test_from_simulated_films_to_own_models(paper, train, simulated, tmp_path):
    """Without MSCOCO there is no Reftm; of simulated films the classes are known, which is what fusion learns."""
    data = ["--dataset", "preprocessed", "--source", simulated]
    train("fusion", *data)
    train("perception", "--subject", 1, *data, *CHANGES["perception"], out="subject1/perception")
    train("semantic", "--subject", 1, *data, *NETWORK, "--set", "reftm=0", out="subject1/semantic")
    train("prior", "--subject", 1, *data, *PRIOR, "--set", "mu=0", out="subject1/prior")
    own = zoo_named("paper").with_own(tmp_path / "mine")
    assert own.part("fusion").folder == tmp_path / "mine" / "fusion"
    assert own.part("projector") == zoo_named("paper").part("projector")
    assert weights.load(tmp_path / "mine" / "subject1" / "perception").config.latent_side == 8


def test_what_cc2017_cannot_teach_is_said(paper, copy_of_cc2017, tmp_path):
    words = ["train", "--zoo", "paper", "--stage", "fusion", "--dataset", "cc2017", "--source", copy_of_cc2017]
    done = CliRunner().invoke(cli.app, list(map(str, [*words, "--out", tmp_path / "fusion"])))
    assert done.exit_code == 2 and "classes of cc2017 are not published" in done.output
