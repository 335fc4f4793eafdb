"""From nothing to a film in the paper zoo, by the commands that docs/models.md walks, at tiny sizes."""

import json
import re
import shlex
from functools import cache, partial

import numpy as np
import pytest
import torch
from torchvision.io import write_jpeg
from typer.testing import CliRunner

from neuroclips import cli
from neuroclips.data import cc2017, training
from neuroclips.data.simulated import N_VOXELS
from neuroclips.paths import ROOT
from neuroclips.reconstructors import weights
from neuroclips.zoo import zoo_named
from tests.paper_zoo import TOKEN_WIDTH, TOKENS

PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
SMALL = partial(cc2017.Cc2017Layout, n_voxels={1: 20}, n_train=480, n_test=4, pixels=32)  # two films of training
NETWORK = ["--set", "network.ridge_dim=8", "--set", "network.hidden_dim=8", "--set", "network.n_blocks=1"]
LOW = ["--set", "network.channels=[16,8,8]", "--set", "network.extension_dim=4"]
PRIOR = ["--set", "network.depth=1", "--set", "network.heads=2"]
CHANGES = {"perception": NETWORK + LOW, "semantic": NETWORK, "prior": PRIOR}
FEW = ["--steps", 2, "--batch-size", 8]
N_PICTURES = 620  # of which 600 are held out


def walk(which, folders, runs, *more):
    """Types the commands of a walk of the page, with these folders in the place of its own, for a few small steps."""
    lines = re.findall(r"```bash\n(.*?)```", PAGE.split("\n## Train for the zoo of the paper\n")[1], re.DOTALL)[which]
    for line in lines.splitlines():
        verb, *words = [str(folders.get(word, word)) for word in shlex.split(line)[1:]]
        words = [word.replace("mine/", f"{folders['mine']}/") for word in words]
        if verb == "train":
            stage = words[words.index("--stage") + 1]
            words += [*FEW, *CHANGES.get(stage, []), *(more if stage != "projector" else []), "--run-dir", runs / stage]
        if verb in ("train", "reconstruct"):  # what is fetched or simulated is there
            done = CliRunner().invoke(cli.app, list(map(str, [verb, *words])), catch_exceptions=False)
            assert done.exit_code == 0, f"{line}: {done.output}"


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


def test_the_walk_from_cc2017_to_a_film(paper, copy_of_cc2017, coco, tmp_path):
    mine = tmp_path / "mine"
    walk(0, {"cc": copy_of_cc2017, "coco": coco, "mine": mine, "film": tmp_path / "film"}, tmp_path / "runs")
    perception, semantic = (weights.load(mine / "subject1" / name) for name in ("perception", "semantic"))
    assert perception.config.latent_side == 4 and perception.config.n_frames == 6  # of 32 pixels
    assert semantic.centre.shape == (TOKENS, TOKEN_WIDTH) and semantic.n_voxels == 20
    told = json.loads((tmp_path / "film" / "reconstruction.json").read_text())
    assert told["zoo"] == "paper" and told["dataset"] == "cc2017" and told["caption"] and told["scores"]
    assert all(origin["from"].startswith(str(mine)) for origin in told["reconstructors"].values())
    assert zoo_named("paper").with_own(mine).part("projector").folder == mine / "projector"


@pytest.fixture
def simulated(tmp_path, monkeypatch):
    """What `simulate --out` writes of two films, but that this brain hears only noise; small frames, drawn once."""
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("neuroclips.data.simulated.film_pixels", lambda: 64)
    monkeypatch.setattr(training, "frames", cache(training.frames))
    home = tmp_path / "data" / "subject1"
    home.mkdir(parents=True)
    meta = {
        "dataset": "simulated",
        "subject": "subject1",
        "films": ["seg1", "seg2"],
        "n_voxels": N_VOXELS[1],
        "tr": 2.0,
    }
    (home / "meta.json").write_text(json.dumps(meta))
    voxels = np.random.default_rng(0).standard_normal((480, 2, N_VOXELS[1]), np.float32)
    np.save(home / "train_fmri.npy", voxels)
    return tmp_path / "data"


def test_the_walk_from_simulated_films_to_a_film(paper, simulated, tmp_path):
    """Without MSCOCO there is no Reftm; of simulated films the classes are known, which is what fusion learns."""
    mine, film = tmp_path / "mine", tmp_path / "film"
    walk(1, {"mine": mine, "film": film}, tmp_path / "runs", "--dataset", "preprocessed", "--source", simulated)
    assert weights.load(mine / "subject1" / "perception").config.latent_side == 8
    told = json.loads((film / "reconstruction.json").read_text())
    assert told["dataset"] == "simulated" and told["caption"] and told["scores"]
    own = zoo_named("paper").with_own(mine)
    assert own.part("fusion").folder == mine / "fusion" and own.part("projector") == paper.part("projector")


def test_what_cc2017_cannot_teach_is_said(paper, copy_of_cc2017, tmp_path):
    words = ["train", "--zoo", "paper", "--stage", "fusion", "--dataset", "cc2017", "--source", copy_of_cc2017]
    done = CliRunner().invoke(cli.app, list(map(str, [*words, "--out", tmp_path / "fusion"])))
    assert done.exit_code == 2 and "classes of cc2017 are not published" in done.output
