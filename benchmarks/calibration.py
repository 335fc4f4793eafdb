"""How well a new person is decoded after calibration: simulated subject 3 as the newcomer, decoders of subject 1 alone.

python benchmarks/calibration.py codes    # writes assets/simulated/codes.npz, what the ridges map to
python benchmarks/calibration.py          # measures, writes assets/simulated/calibration.json and prints it

Calibrated on 300 to 4,320 samples of the sixteen films that are trained on, scored on the two validation films beside
chance and beside the decoder that was trained for subject 3. No test clip is looked at. It makes the simulated dataset
where it is not there.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from neuroclips import __version__  # noqa: E402
from neuroclips.calibration.calibrate import calibrate  # noqa: E402
from neuroclips.calibration.codes import write_codes  # noqa: E402
from neuroclips.calibration.given import Given, of_clips  # noqa: E402
from neuroclips.data.training import open_training  # noqa: E402
from neuroclips.files import to_json, write_json  # noqa: E402
from neuroclips.metrics.pixel import pixel_correlation  # noqa: E402
from neuroclips.metrics.retrieval import retrieval_top1  # noqa: E402
from neuroclips.paths import ASSETS  # noqa: E402
from neuroclips.preprocessing.layout import N_SAMPLES  # noqa: E402
from neuroclips.subject_models import SubjectModels, load_subject  # noqa: E402
from neuroclips.train.reconstructors import ridge  # noqa: E402
from neuroclips.train.reconstructors.study import Study  # noqa: E402
from neuroclips.train.targets import targets  # noqa: E402
from neuroclips.zoo import load_part, zoo_named  # noqa: E402

OUT = ASSETS / "simulated" / "calibration.json"
NEW, LIKE = 3, 1
SIZES = (300, 1200, 4320)
N_PIXELS = 48  # validation clips whose blurry videos are scored
MIDDLE = 3


def make_codes() -> Path:
    """The codes of all training clips, which are the same for every subject."""
    study, base = Study(open_training(), (LIKE,)), load_subject(zoo_named(), LIKE, None, "cpu")
    wanted = {
        "tokens": (targets.tokens(study.data, study.zoo), base.semantic.config.ridge_dim),
        "latents": (targets.latents(study.data, study.zoo), base.perception.config.ridge_dim),
    }
    return write_codes({kind: ridge.codes(study, kind, array, dim) for kind, (array, dim) in wanted.items()})


def given(fmri: np.ndarray, n: int, n_clips: int) -> Given:
    """The first n samples: films in their order, each clip seen once, then from the first film on a second time."""
    showing, clip = np.divmod(np.arange(n), n_clips)
    film, tr = np.divmod(clip, N_SAMPLES)
    return of_clips(np.array(fmri[clip, showing], np.float32), np.stack([film + 1, tr], 1))


class Validation:
    """The validation clips of the newcomer, both showings averaged, and what was shown."""

    def __init__(self):
        self.study = Study(open_training(), (NEW,))
        self.clips = self.study.validation
        self.fmri = self.study.data.fmri(NEW)
        self.voxels = torch.from_numpy(np.array(self.fmri[self.clips.numpy()], np.float32)).mean(1)
        tokens = targets.tokens(self.study.data, self.study.zoo)[self.clips.numpy(), MIDDLE]
        self.tokens, self.codec = torch.from_numpy(np.array(tokens, np.float32)), load_part(zoo_named(), "codec", "cpu")
        self.some = slice(None, None, len(self.clips) // N_PIXELS)
        self.seen = targets.middle_pixels(self.study.data, self.clips[self.some].tolist(), MIDDLE)

    @torch.no_grad()
    def scores(self, models: SubjectModels) -> dict[str, float]:
        """Of the middle frames: retrieval of all clips, and pixels of the blurry videos of some."""
        centre = models.semantic.centre
        brain = (models.semantic.projected(self.voxels) - centre).flatten(1)
        blurry = self.codec.decode(models.perception(self.voxels[self.some])[:, MIDDLE])
        return {
            "retrieval": retrieval_top1(brain, (self.tokens - centre).flatten(1)),
            "pixel correlation": pixel_correlation(blurry, self.seen),
            "pixel correlation, shifted": pixel_correlation(blurry, self.seen.roll(len(blurry) // 3, 0)),
        }


def measure() -> dict:
    """Scores by what was calibrated with, beside the shipped decoder of the newcomer."""
    known, n_clips = Validation(), len(Study(open_training(), (NEW,)).all_train)
    own = f"decoder trained for subject {NEW}"
    rows = {own: known.scores(load_subject(zoo_named(), NEW, None, "cpu"))}
    for n in SIZES:
        made = calibrate(given(known.fmri, n, n_clips), LIKE)
        rows[f"{n:,} samples"] = known.scores(made.models)
        print(n, to_json(rows[f"{n:,} samples"]), *made.lines(), sep="\n", flush=True)
    rows[own] = rows.pop(own)  # last
    counts = {"clips": len(known.clips), "blurry videos": N_PIXELS, "chance of retrieval": 1 / len(known.clips)}
    return {"version": __version__, "rows": rows, **counts}


if __name__ == "__main__":
    if sys.argv[1:] == ["codes"]:
        print(make_codes())
    else:
        write_json(OUT, measured := measure())
        print(to_json(measured, indent=1))
