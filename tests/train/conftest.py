"""Two films and brains that are quickly made, and what is built on them."""

import json

import numpy as np
import pytest

from neuroclips.data.training import ArraysTraining
from neuroclips.train.targets import targets
from neuroclips.zoo import zoo_named
from tests.train.small import N_VOXELS, train


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """The folder of `few`. A worker comes back to this package, which must not render and encode the films again."""
    home = tmp_path_factory.mktemp("few")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROCLIPS_CACHE", str(home / "cache"))
        rng = np.random.default_rng(0)
        for subject, n_voxels in N_VOXELS.items():
            name = f"subject{subject}" if subject else "null"
            (home / "data" / name).mkdir(parents=True)
            meta = {"dataset": "simulated", "subject": name, "films": ["seg1", "seg2"], "n_voxels": n_voxels, "tr": 2.0}
            (home / "data" / name / "meta.json").write_text(json.dumps(meta))
        seen = targets.tokens(ArraysTraining(home / "data"), zoo_named()).astype(np.float32).mean(1).reshape(480, -1)
        seen = (seen - seen.mean(0)) / seen.std(0)
        for subject, n_voxels in N_VOXELS.items():
            signal = seen @ rng.standard_normal((seen.shape[1], n_voxels)) / seen.shape[1] ** 0.5
            voxels = (subject > 0) * signal[:, None] + 0.7 * rng.standard_normal((480, 2, n_voxels))
            name = f"subject{subject}" if subject else "null"
            np.save(home / "data" / name / "train_fmri.npy", voxels.astype(np.float32))
    return home


@pytest.fixture(scope="package")
def few(made_once):
    """A dataset of seg1 and seg2; voxels are random mixtures of the films' CLIP tokens in noise, 0 hears only noise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROCLIPS_CACHE", str(made_once / "cache"))
        yield made_once


@pytest.fixture(scope="package")
def semantic(few):
    """A Semantics Reconstructor of subject 1, for what is built on it."""
    if not (few / "subject1" / "semantic").exists():
        train(few, "semantic", out="subject1/semantic")
    return few / "subject1" / "semantic"
