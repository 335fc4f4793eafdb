"""Shared fixtures: the shipped dataset, the shipped demo zoo and some held-out web clips, each loaded once."""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when the hub's library is imported: no test waits for a network
if "PYTEST_XDIST_WORKER" in os.environ:  # workers with as many threads as cores would get in each other's way
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch

from neuroclips.data.registry import load_dataset
from neuroclips.paths import CHECKPOINTS
from neuroclips.pipeline import load_pipeline
from neuroclips.pretrained import precision
from neuroclips.web import films as webdata
from neuroclips.zoo import ZOOS, load_judges, zoo_named

DEMO = CHECKPOINTS / "demo"


def pytest_addoption(parser):
    parser.addoption("--float32", action="store_true", help="compute in float32 on a CPU that has bfloat16 too")


TOGETHER = ("tests/ui/", "tests/train/")  # a worker has the whole folder, whose servers and films are made once
LONG = ("test_simulate", "test_evaluate", "test_raw", "test_testsets", "test_pipeline", "test_repository", "test_films")
LONG += ("test_join", "test_cluster", "test_precomputed", "test_install", "test_pack_space", "test_unclip_checkpoint")


def _turn(scope: str) -> int:
    """What takes longest begins first: else one worker would wait for the other at the end."""
    if scope in TOGETHER:
        return -1
    name = scope.rpartition("/")[2].removesuffix(".py")
    return LONG.index(name) if name in LONG else len(LONG)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With several workers, the tests of a file or folder stay together, and share what their fixtures made."""
    from xdist.scheduler import LoadFileScheduling

    class LongestFirst(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((folder for folder in TOGETHER if file.startswith(folder)), file)

        def _assign_work_unit(self, node) -> None:
            self.workqueue.move_to_end(min(self.workqueue, key=_turn), last=False)
            super()._assign_work_unit(node)

    return LongestFirst(config, log)


@pytest.fixture(scope="session", autouse=True)
def chosen_precision(request):
    """bfloat16 where the machine has it, unless float32 is asked for."""
    with pytest.MonkeyPatch.context() as patch:
        if request.config.getoption("--float32"):
            patch.setattr(precision, "has_bfloat16", lambda kind="cpu": False)
        yield


@pytest.fixture(scope="session")
def data():
    return load_dataset()


@pytest.fixture(scope="session")
def pipeline():
    return load_pipeline()


@pytest.fixture(scope="session")
def judges():
    return load_judges(zoo_named())


@pytest.fixture(scope="session")
def web():
    """Clips (6, 16, 3, H, W) of held-out web films and their scripts."""
    indices = range(webdata.HELD_OUT, webdata.HELD_OUT + 6)
    clips = torch.stack([webdata.to_pixels(webdata.web_clip(i)) for i in indices])
    return clips, webdata.web_shots(webdata.HELD_OUT, 6)


@pytest.fixture(scope="session")
def paper_models(tmp_path_factory):
    """The repositories of the paper zoo at tiny sizes, in a folder as NEUROCLIPS_MODELS names it."""
    from tests import paper_zoo

    return paper_zoo.build(tmp_path_factory.mktemp("models"))


@pytest.fixture
def paper(paper_models, monkeypatch):
    """The zoo "paper", whose files are those of `paper_models`, with few steps."""
    from tests import paper_zoo

    monkeypatch.setenv("NEUROCLIPS_MODELS", str(paper_models))
    monkeypatch.setitem(ZOOS, "paper", paper_zoo.tiny())
    return zoo_named("paper")


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)
