"""What the tab "Your brain" says."""

from __future__ import annotations

from pathlib import Path

from neuroclips.paths import ASSETS
from neuroclips.reading import read_json

MEASURED = ASSETS / "simulated" / "calibration.json"  # by benchmarks/calibration.py
COLUMNS = {
    "retrieval": "own clip first",
    "pixel correlation": "blurry video, pixel correlation",
    "pixel correlation, shifted": "the same with another clip",
}

INTRO = """<div class="yb-card"><b>Decode fMRI of your own.</b> A file of samples, one volume each, goes through the
same decoder as on the other tabs: blurry video, keyframe, caption, film. The shipped decoders were trained on
<b>simulated</b> brains and films; voxels of another person need a decoder calibrated to them (below).</div>"""

CONSENT = """**Before you upload.** Use only data that are yours to use. Files, and what is made of them, are held
in this server's memory. They are deleted when you close this page, untick the box, or use nothing here for an hour.
While a file is read, or a film written, there is a copy in a temporary folder of the server, deleted at once. Nothing
is sent on to anybody. This is a research demonstration and not
a medical device: what it shows is the guess of a model, made from fMRI that was measured while a film was watched."""

OFF = """**Uploading is off here**, because others than the owner can reach this server. On a machine of your own it is
on, and there is the command line; the simulated file works here, too.
"""

COMMANDS = """
```bash
python app.py
python -m neuroclips reconstruct --dataset file --source mine.npz --out own
python -m neuroclips calibrate --source mine.npz --out mine
python -m neuroclips reconstruct --dataset file --source mine.npz --reconstructors mine --out own
```
"""

NEW_PERSON = """Give fMRI of the **simulated training films** and which clip each sample is for: in a .npz, arrays
`fmri` (n, n_voxels) and `clips` (n, 2) of film (1 for seg1) and TR (0 to 239), or `clips` as a .npy beside the fMRI.
A ridge from your voxels takes the place of the first layer of a shipped decoder; all other layers stay as they are.
For films of your own give arrays `tokens` and `latents` in place of `clips`; see the documentation."""


def measured(path: Path = MEASURED) -> str:
    """How well calibration works, as it was measured, as a table in Markdown; empty where it was not."""
    if not path.exists():
        return ""
    found = read_json(path)
    lines = [f"| {name} | {' | '.join(f'{row[c]:.3f}' for c in COLUMNS)} |" for name, row in found["rows"].items()]
    head = f"| calibrated on | {' | '.join(COLUMNS.values())} |\n|---|{'---:|' * len(COLUMNS)}"
    return (
        "\n\n**How well it works**, measured with simulated subject 3 as the newcomer to the decoder of subject 1, on "
        f"the {found['clips']} clips of two validation films (by chance the own one comes first in "
        f"{found['chance of retrieval']:.3f}; version {found['version']}):\n\n" + "\n".join([head, *lines])
    )
