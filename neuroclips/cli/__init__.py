"""python -m neuroclips VERB: the command line, which calls the same functions as the app."""

from neuroclips.cli import (
    brain,
    calibration,
    cluster,
    conversion,
    data,
    evaluating,
    from_brain,
    lesions,
    looping,
    models,
    reconstruction,
    results,
    scoring,
    timing,
    training,
)
from neuroclips.cli.root import app

__all__ = [
    "app",
    "brain",
    "calibration",
    "cluster",
    "conversion",
    "data",
    "evaluating",
    "lesions",
    "from_brain",
    "lesions",
    "looping",
    "models",
    "reconstruction",
    "results",
    "scoring",
    "timing",
    "training",
]
