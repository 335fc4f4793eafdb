"""What a map is made of: whose brain, in which data, with which reconstructors. What is missing is told by name.

Models and what makes the simulated brains are imported where they are asked for: figures of what ships need neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuroclips.data.registry import load_dataset
from neuroclips.data.simulated import is_made
from neuroclips.errors import InputError, MissingError
from neuroclips.preprocessing.meta import read_meta
from neuroclips.reading import read_array
from neuroclips.zoo import zoo_named

if TYPE_CHECKING:
    from neuroclips.simulation.subjects import Truth
    from neuroclips.train.reconstructors.study import Study


@dataclass(frozen=True)
class Sources:
    """One subject of a dataset. reconstructors : a folder with subjectS/perception and subjectS/semantic of one's own,
    in place of the zoo's. stimuli : the authors' hub files, for the films of preprocessed data. vertices, mask : files
    beside a visitor's file.
    """

    subject: int
    dataset: str = "simulated"
    source: Path | None = None
    zoo: str = "demo"
    reconstructors: Path | None = None
    stimuli: Path | None = None
    vertices: Path | None = None
    mask: Path | None = None

    @cached_property
    def vertex_index(self) -> np.ndarray:
        """(n_voxels,) rows of the cortex. Raises InputError for data that do not say where their voxels are."""
        beside = (self.subject, self.vertices, self.mask) if self.dataset == "file" else ()
        return load_dataset(self.dataset, self.source, *beside).vertex_index(self.subject)

    def model(self, role: str) -> Any:
        """The reconstructor of a role, on the CPU. Raises MissingError where there is none."""
        from neuroclips.reconstructors import weights

        own = self.reconstructors and self.reconstructors / f"subject{self.subject}" / role
        folder = own or zoo_named(self.zoo).part(role).of(self.subject).folder
        if not (folder / "config.json").is_file():
            raise MissingError(f"no {role} reconstructor of subject {self.subject} in {folder}: train or import one")
        return weights.load(folder).eval()

    def voxel_weights(self, role: str) -> np.ndarray:
        """Of the first ridge layer, (n_outputs, n_voxels) float32."""
        return self.model(role).voxel_weights.detach().float().numpy()

    def study(self, layer: str) -> Study:
        """Training samples and films, and which of them are for validation. Raises InputError, which names the layer,
        where there are none."""
        from neuroclips.train.reconstructors.study import open_study

        if self.dataset == "simulated" and self.source is None and not is_made(self.subject):
            raise MissingError(
                f"layer {layer} needs the training samples of subject {self.subject}, which are not in the cache: run "
                f"python -m neuroclips simulate --subjects {self.subject}"
            )
        try:
            return open_study(self.dataset, self.source, (self.subject,), zoo_named(self.zoo), stimuli=self.stimuli)
        except InputError as error:
            raise type(error)(f"layer {layer} needs training samples: {error}") from error

    def showings(self) -> np.ndarray:
        """All showings (n_clips, n_showings, n_voxels) of the test films. Raises MissingError where there are none."""
        if self.dataset == "simulated" and self.source is None:
            from neuroclips.evaluation.repeats import showings_of

            return read_array(showings_of(self.subject), mapped=True)
        if self.dataset not in ("preprocessed", "simulated"):
            raise MissingError(
                f"layer reliability needs repeated showings, the dataset {self.dataset} has one sample of each clip "
                "here: preprocess the raw runs and pass their folder (--dataset preprocessed --source FOLDER)"
            )
        return read_array(self.home / "test_fmri.npy", mapped=True)

    def truth(self) -> Truth:
        """Every parameter of every vertex. Raises InputError for measured data: nobody knows theirs."""
        from neuroclips.simulation.subjects import SUBJECTS, Truth, draw_truth

        if self.dataset == "simulated" and self.subject in SUBJECTS:
            return draw_truth(self.subject)
        if self.dataset != "preprocessed" or read_meta(self.home).get("dataset") != "simulated":
            raise InputError(
                f"layer truth needs a simulated brain, got the dataset {self.dataset}: of measured brains nobody knows "
                "the true sensitivity; reliability comes nearest"
            )
        return Truth.load(self.home / "truth.npz")

    @cached_property
    def home(self) -> Path:
        """The folder of the subject in what `simulate` or `preprocess` wrote."""
        from neuroclips.data.preprocessed import subject_homes

        homes = subject_homes(Path(self.source or ""))
        if self.subject not in homes:
            raise InputError(f"got subject {self.subject}, expected one of {', '.join(map(str, sorted(homes)))}")
        return homes[self.subject]
