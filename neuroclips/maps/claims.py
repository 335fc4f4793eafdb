"""What the stored layers say, in numbers: agreement with the truth, and the paper's claim, per subject and over three.

Written beside the layers as claims.json by `python -m neuroclips brain --store`.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from neuroclips.brain.scales import difference_of_means
from neuroclips.data.registry import load_dataset
from neuroclips.files import rounded, write_json
from neuroclips.maps.agreement import agreements
from neuroclips.maps.layers import LAYERS, MODELS, key_of
from neuroclips.maps.section7 import CLAIMS, shares
from neuroclips.maps.stored import CLAIMS_PATH, SUBJECTS, available, values
from neuroclips.maps.surrogates import N_SURROGATES, folded

HELD = ("weights", "haufe", "importance", "encoding", "truth")  # layers that the claim is asked of
NULL = (
    "surrogate maps of the same values and variogram (as in Burt et al. 2020), hemispheres laid over each other, "
    f"{N_SURROGATES} of them; two-sided for agreement with the truth, one-sided for the claim"
)


def claims(subjects: tuple[int, ...] = SUBJECTS, n: int = N_SURROGATES) -> dict:
    """ "truth": layer, subject, true map -> agreement. "section 7": layer, claim, subject or "all" -> shares."""
    return {
        "data": "simulated subjects, demo reconstructors",
        "null": NULL,
        "claims": {name: ", ".join(areas) for name, (areas, _) in CLAIMS.items()},
        "truth": {str(subject): against_truth(subject, n) for subject in subjects},
        "section 7": {layer: section7(layer, subjects, n) for layer in HELD if _stored_for_all(layer, subjects)},
    }


def against_truth(subject: int, n: int = N_SURROGATES) -> dict[str, dict]:
    """By true map, and layer: those of a model with what drives it, all with the total, the difference with its own."""
    places = folded(load_dataset().vertex_index(subject))
    layers = {key_of(*which): values(subject, *which) for which in available(subject) if not LAYERS[which[0]].simulated}
    true = {model: values(subject, "truth", model) for model in MODELS}
    asked = {f"truth/{model}": (true[model], [k for k in layers if k.endswith(model)]) for model in MODELS}
    asked["truth-total"] = (np.sum(list(true.values()), 0), [key for key in layers if key != "difference"])
    asked["difference of the truth"] = (difference_of_means(*true.values()), ["difference"])
    return {
        name: {key: asdict(a) for key, a in agreements({k: layers[k] for k in keys}, truth, places, n).items()}
        for name, (truth, keys) in asked.items()
    }


def section7(layer: str, subjects: tuple[int, ...] = SUBJECTS, n: int = N_SURROGATES) -> dict[str, dict]:
    """The claim of each subject and of all together, asked of one layer."""
    table: dict[str, dict] = {name: {} for name in CLAIMS}
    for who, which in {**{str(s): (s,) for s in subjects}, "all": subjects}.items():
        perception, semantic = ([values(s, layer, model) for s in which] for model in MODELS)
        index = [load_dataset().vertex_index(s) for s in which]
        for name, share in shares(perception, semantic, index, n).items():
            table[name][who] = asdict(share)
    return table


def write_claims() -> Path:
    """Work out and write claims.json."""
    write_json(CLAIMS_PATH, rounded(claims()))
    return CLAIMS_PATH


def _stored_for_all(layer: str, subjects: tuple[int, ...]) -> bool:
    return all((layer, model) in available(subject) for subject in subjects for model in MODELS)
