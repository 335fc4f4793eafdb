"""What can be drawn on the cortex, by name: what each layer means, in which unit, and of what it is made.

Nothing is computed here: `stored` reads what ships, `compute` makes any layer of any data.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from neuroclips.brain.scales import BAR
from neuroclips.errors import InputError

MODELS = {"perception": "Perception Reconstructor", "semantic": "Semantics Reconstructor"}
BOTH = tuple(MODELS)


@dataclass(frozen=True)
class Layer:
    """One map. models : for which of MODELS there is one, none where a map belongs to the brain alone.

    signed : 0 is in the middle. simulated : there is one for simulated brains only. scale : of brain.scales, if no
    other is asked for. bar : the part of 0 to 1 that a colour bar spans. needs : what it is made of.
    """

    label: str
    meaning: str
    unit: str
    models: tuple[str, ...] = BOTH
    signed: bool = False
    simulated: bool = False
    scale: str = "robust"
    bar: tuple[float, float] = (0.0, 1.0)
    needs: str = "reconstructors"


LAYERS: dict[str, Layer] = {
    "weights": Layer(
        "Voxel weights",
        "mean absolute weight of a voxel in the first ridge layer (figure 5). A voxel whose noise helps to cancel that "
        "of others has a weight too, without knowing anything of the film",
        "weight",
        scale="min-max",
        bar=BAR,
    ),
    "haufe": Layer(
        "Haufe pattern",
        "how much a voxel moves when an output of the first ridge layer does: what the weights say of the brain "
        "(Haufe et al. 2014, equation 6), mean absolute value over outputs of unit variance",
        "z per standard deviation of an output",
        needs="reconstructors and training samples",
    ),
    "importance": Layer(
        "Permutation importance",
        "how much less the decoded output agrees with its target when the values of a parcel are those of other clips, "
        "on the validation films, per voxel of the parcel",
        "drop of the correlation with the target, in thousandths per voxel",
        needs="reconstructors, and training samples with their films",
    ),
    "encoding": Layer(
        "Encoding R squared",
        "how much of a voxel is predicted from what a model decodes (latents of the blurry video, or CLIP tokens), by "
        "ridge regression from the training films, on the validation films; below 0 is worse than the mean",
        "R squared",
        needs="training samples with their films",
    ),
    "reliability": Layer(
        "Reliability",
        "agreement of two halves of the showings of a test film, by Spearman-Brown that of all of them with as many "
        "new ones: how much of a voxel can be explained at all",
        "correlation",
        models=(),
        needs="repeated showings of the test films",
    ),
    "truth": Layer(
        "True sensitivity",
        "signal over noise of one showing, from the parameters of the simulated brain: of motion energy and colour "
        "(early and motion areas) beside the Perception Reconstructor, of semantic axes beside the Semantics one",
        "signal over noise",
        simulated=True,
        needs="a simulated brain",
    ),
    "truth-total": Layer(
        "True sensitivity, all features",
        "signal over noise of one showing, whatever the voxel sees, from the parameters of the simulated brain",
        "signal over noise",
        models=(),
        simulated=True,
        needs="a simulated brain",
    ),
    "difference": Layer(
        "Perception minus semantics",
        "weights of the Perception Reconstructor less those of the Semantics one, each in units of its own mean",
        "mean weights",
        models=(),
        signed=True,
        needs="reconstructors",
    ),
}


def checked(name: str, model: str | None = None) -> Layer:
    """The layer of a name, if it has the model. Raises InputError with the nearest names, or with the models."""
    if name not in LAYERS:
        near = get_close_matches(name, LAYERS, 3, 0.3) or list(LAYERS)
        raise InputError(f"got layer {name!r}, expected one such as: {', '.join(near)}")
    layer = LAYERS[name]
    if model is not None and model not in MODELS:
        raise InputError(f"got model {model!r}, expected one of: {', '.join(MODELS)}")
    if layer.models and model is None:
        raise InputError(f"layer {name} is that of a model, expected one of: {', '.join(layer.models)}")
    return layer


def key_of(name: str, model: str | None = None) -> str:
    """What a layer is called in files: "weights/perception", or "reliability", which no model has a part in."""
    return f"{name}/{model}" if checked(name, model).models else name


def all_keys() -> list[tuple[str, str | None]]:
    """Every layer with every model that it has."""
    return [(name, model) for name, layer in LAYERS.items() for model in (layer.models or (None,))]
