"""python -m neuroclips VERB: the command line, which calls the same functions as the app."""

from neuroclips.cli import (
    calibration,
    cluster,
    conversion,
    data,
    evaluating,
    from_brain,
    lesions,
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
    "calibration",
    "cluster",
    "conversion",
    "data",
    "evaluating",
    "lesions",
    "from_brain",
    "models",
    "reconstruction",
    "results",
    "scoring",
    "timing",
    "training",
]
