"""What was chosen in the Train tab, checked, and how long it will take."""

from __future__ import annotations

from typing import Any

from neuroclips.errors import InputError
from neuroclips.ui import permission, phases
from neuroclips.ui.offered import OFFERED, offered, presets
from neuroclips.ui.run_record import Choices

SIMULATED, FOLDER = "simulated", "a folder that preprocess made"


def choices(stage, subject, data, source, steps, rate, profile=None) -> Choices:
    """What was sent, checked. Raises InputError, also for a folder that is named from elsewhere."""
    if data not in (SIMULATED, FOLDER):
        raise InputError(f"got dataset {data!r:.60}, expected one of: {SIMULATED}, {FOLDER}")
    if data == FOLDER and permission.is_public() and not permission.is_owner(profile):
        raise InputError("folders are those of this server: name one where the app runs on a machine of your own")
    if data == FOLDER and not (isinstance(source, str) and source.strip()):
        raise InputError(
            "got no folder, expected that of a dataset which `python -m neuroclips preprocess` has finished"
        )
    has_steps = bool(offered(stage).card)
    whole = [int(x) if isinstance(x, float) and x.is_integer() else x for x in (subject, steps)]
    folder = source.strip() if data == FOLDER else ""
    return Choices(stage, whole[0], whole[1] if has_steps else None, rate if has_steps else None, folder)


def say(*sent) -> str:
    """How long it will take, or what is wrong with the choices."""
    try:
        return estimate(choices(*sent))
    except InputError as error:
        return f"⚠ {error}"


def estimate(chosen: Choices) -> str:
    """How long a run will take, in one sentence."""
    prepared, trained, where = phases.expected(chosen)
    once = " (films, brain and targets; once on this machine)" if prepared > phases.START.seconds + 30 else ""
    steps = f", then {minutes(trained)} for {chosen.steps} steps ({where})" if chosen.has_steps else ""
    return f"About {minutes(prepared)} to prepare{once}{steps}."


def minutes(seconds: float) -> str:
    return f"{max(5, 5 * round(seconds / 5))} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def preset_radio(stage: str, subject: int) -> dict[str, Any]:
    """Choices of the radio buttons, with how long each takes."""
    each, _ = phases.step_seconds(stage, subject)
    there = presets(stage, subject)
    named = [(f"{name}: {n} steps, {minutes(n * each)}", n) for name, n in there.items()]
    return {"choices": named, "value": there.get("taste")}


def instead() -> str:
    """What stands in the place of the controls where training is off."""
    lines = [
        f"python -m neuroclips train --stage {about.stage} --subject 1 {' '.join(about.words)}".strip()
        + f" --out mine/subject1/{about.stage}"
        for about in OFFERED.values()
    ]
    decode = "python -m neuroclips reconstruct --subject 1 --clip 0 --reconstructors mine --out own"
    commands = "\n".join([*lines, decode])
    return (
        "**Training is off here**, where the public comes. On a machine of your own it is on, and these commands do "
        f"the same:\n```bash\n{commands}\n```\nWho runs this app turns it on by `{permission.ALLOW}=train`."
    )
