"""What truly happens between two clips of a simulated film: for comparison only, like the frames of a clip."""

from __future__ import annotations

from neuroclips.data.base import DatasetInfo
from neuroclips.preprocessing.layout import TR
from neuroclips.simulation.shots import shot_at


def true_boundary(info: DatasetInfo, former: int, later: int) -> dict | None:
    """Whether there is a cut between the middles of two test clips, where keyframes are, and what each shows there.

    None where the films are not simulated: what they show is not published.
    """
    if not info.scripted:
        return None
    (kind, film), (other, place) = (divmod(clip, info.clips_per_run) for clip in (former, later))
    shots = [shot_at(*info.scripted[f], (tr + 0.5) * TR) for f, tr in ((kind, film), (other, place))]
    classes = [shot.name for shot in shots]
    return {"cut": shots[0] != shots[1], "classes": classes, "same class": classes[0] == classes[1]}
