"""Any layer of any data: `compute("haufe", Sources(1), "perception")`. The table below says who makes which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neuroclips.brain.regions import parcels
from neuroclips.brain.scales import difference_of_means
from neuroclips.brain.weights_map import mean_size
from neuroclips.errors import InputError
from neuroclips.maps.encoding import N_COMPONENTS, encoding_r2, lagged
from neuroclips.maps.importance import importance
from neuroclips.maps.layers import checked
from neuroclips.maps.patterns import pattern_size
from neuroclips.maps.sensitivity import sensitivity
from neuroclips.maps.sources import Sources
from neuroclips.preprocessing.layout import N_SAMPLES

KINDS = {"perception": "latents", "semantic": "tokens"}  # model -> what it decodes
SCORED = {"perception": 120, "semantic": 480}  # validation clips, evenly spaced, by how long a model takes
DRAWS = {"perception": 2, "semantic": 5}


def compute(name: str, sources: Sources, model: str | None = None) -> np.ndarray:
    """Raw values (n_voxels,) float32 of a layer. Raises InputError that says what the layer needs and lacks."""
    layer = checked(name, model)
    return np.asarray(MAKERS[name](sources, model if layer.models else None), np.float32)


def _weights(sources: Sources, model: str) -> np.ndarray:
    return mean_size(sources.voxel_weights(model))


def _difference(sources: Sources, model: None) -> np.ndarray:
    return difference_of_means(_weights(sources, "perception"), _weights(sources, "semantic"))


def _haufe(sources: Sources, model: str) -> np.ndarray:
    weights, study = sources.voxel_weights(model), sources.study("haufe")
    samples = _samples(study, sources.subject, study.train.numpy(), weights.shape[1])
    return pattern_size(samples, weights)


def _importance(sources: Sources, model: str) -> np.ndarray:
    study, net = sources.study("importance"), sources.model(model)
    clips = study.validation.numpy()
    clips = clips[:: max(1, len(clips) // SCORED[model])]
    samples = _samples(study, sources.subject, clips, net.voxel_weights.shape[1])
    targets = _targets(study, model)[clips].astype(np.float32)
    wanted = targets.mean(1) if model == "semantic" else targets  # tokens of a clip are those of its frames' mean
    parcel = parcels(sources.vertex_index)
    return importance(_decoder(net), samples, wanted.reshape(len(clips), -1), parcel, DRAWS[model])


def _decoder(net: Any) -> Callable[[np.ndarray], np.ndarray]:
    import torch

    @torch.inference_mode()
    def decode(voxels: np.ndarray) -> np.ndarray:
        parts = torch.from_numpy(voxels).split(16)
        return torch.cat([net(part).float().flatten(1) for part in parts]).numpy()

    return decode


def _encoding(sources: Sources, model: str) -> np.ndarray:
    from neuroclips.train.reconstructors.ridge import codes

    study = sources.study("encoding")
    train, held = study.train.numpy(), study.validation.numpy()
    n = min(N_COMPONENTS, len(train) // 2 - 1)  # every other clip makes the components
    found = codes(study, KINDS[model], _targets(study, model), n)
    features = lagged(found, N_SAMPLES)  # (n_clips, k)
    voxels = [_samples(study, sources.subject, clips) for clips in (train, held)]
    return encoding_r2(features[train], voxels[0], study.groups().numpy() % 4, features[held], voxels[1])


def _reliability(sources: Sources, model: None) -> np.ndarray:
    from neuroclips.evaluation.reliability import reliability

    return reliability(sources.showings(), N_SAMPLES).whole


def _truth(sources: Sources, model: str | None) -> np.ndarray:
    return sensitivity(sources.truth(), sources.vertex_index, model)


def _targets(study: Any, model: str) -> np.ndarray:
    """What the model should decode of all training films, (n_clips, 6, ...)."""
    from neuroclips.train.targets import targets

    return getattr(targets, KINDS[model])(study.data, study.zoo)


def _samples(study: Any, subject: int, clips: np.ndarray, n_voxels: int | None = None) -> np.ndarray:
    """Means of both showings of training clips, (n, n_voxels) float32."""
    array = study.data.fmri(subject)
    if n_voxels not in (None, array.shape[2]):
        raise InputError(
            f"got a reconstructor of {n_voxels:,} voxels and samples of {array.shape[2]:,}, expected the same voxels: "
            "take the reconstructors that were trained on these data"
        )
    return np.asarray(array[clips], np.float32).mean(1)


MAKERS: dict[str, Callable[[Sources, Any], np.ndarray]] = {
    "weights": _weights,
    "haufe": _haufe,
    "importance": _importance,
    "encoding": _encoding,
    "reliability": _reliability,
    "truth": _truth,
    "truth-total": _truth,
    "difference": _difference,
}
