"""The networks of the released code, under its key names, so that its checkpoints load and compute the same function.

NeuroClips (Gong et al. 2024) took its semantic half from MindEye2 (Scotti et al. 2024), and that its diffusion prior
from DALL-E 2 (Ramesh et al. 2022). The modules beside this folder are what the paper describes, corrected and small;
these here keep what the released code does, quirks included, and are for weights that were trained with it.
"""

from neuroclips.reconstructors.released.perception import ReleasedPerceptionConfig
from neuroclips.reconstructors.released.prior import ReleasedPriorConfig
from neuroclips.reconstructors.released.semantic import ReleasedSemanticConfig

__all__ = ["ReleasedPerceptionConfig", "ReleasedPriorConfig", "ReleasedSemanticConfig"]
