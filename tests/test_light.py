"""What the page asks before it is usable loads no model library: zoos, datasets, stored films, what scores mean."""

import subprocess
import sys
from textwrap import dedent

HEAVY = ("torch", "matplotlib", "diffusers", "transformers", "nilearn", "nibabel", "scipy", "skimage", "sklearn", "av")
ASKED = dedent("""
    import sys
    from typing import get_args
    import neuroclips.memory, neuroclips.metrics.scores, neuroclips.precomputed, neuroclips.types
    from neuroclips.data.registry import load_dataset
    from neuroclips.metrics.protocols import PROTOCOLS
    from neuroclips.metrics.registry import METRICS
    from neuroclips.zoo import zoo_named

    assert load_dataset().info.n_clips and load_dataset().caption(0) and len(load_dataset().vertex_index(1))
    assert zoo_named().captioners and get_args(neuroclips.types.Solver) and neuroclips.precomputed.marks(1)
    assert METRICS["video_50_way"].chance(PROTOCOLS["mind-video"]) > 1 / 50
    print(sorted(sys.modules.keys() & set(sys.argv[1:])))
""")


def test_nothing_heavy_is_loaded_to_know_what_there_is():
    found = subprocess.run([sys.executable, "-c", ASKED, *HEAVY], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stdout + found.stderr
