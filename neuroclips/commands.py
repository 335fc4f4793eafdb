"""A request as it is typed: the line that makes a film again, and which options have an effect beside which.

Nothing heavy is imported here: the page shows the line beside every film.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace

from neuroclips.effects import Only, flag, without_effect
from neuroclips.errors import InputError
from neuroclips.lesions import SILENCES, Lesion
from neuroclips.types import Edit, Request, Settings
from neuroclips.video_models import ANIMATEDIFF, LTX, abilities
from neuroclips.zoo import zoo_named

# fields of Settings that have an option of their own, and how it is typed; the others are given by --set
OPTIONS = {f"guidance.{name}": f"--{name}" for name in ("alpha", "beta", "gamma")}
OPTIONS |= {name: flag(name) for name in ("seed", "captioner", "keep_keyframe", "video_steps", "alpha_mode", "theta")}
OPTIONS |= {name: flag(name) for name in ("prompt", "prompt_suffix", "negative_prompt", "pixels")}
OPTIONS |= {"video_start": "--start", "video_solver": "--solver", "keyframe_start": "--strength"}
OPTIONS |= {"video_model": "--video"}
FILES = ("source", "reconstructors", "vertex_index", "mask")  # fields of Request
LITERALS = ("true", "false", "null", "NaN", "Infinity")  # words that JSON reads as something else
PLACE = ("device", "dtype", "memory", "speed")  # of Request, too

BLURRY = "with the blurry video, not with --no-alpha"
STARTED = "with a keyframe that the blurry video starts, not with --no-alpha alone"
NOISY = "with a keyframe that the blurry video starts, not from noise"
BEGIN = "leave it out, or choose keyframe_from=blurry, which --preset released does not"
UNGUIDED = "with --no-alpha, and not with --no-beta"
KEYFRAME = "with the keyframe, not with --no-beta"
CAPTION = "with the caption, not with --no-beta, --no-gamma or --prompt"
GUIDED = "with classifier-free guidance of the video, not with --set video_guidance=1"


def _only_heeded(name: str) -> Only:
    """A setting that some video models do not ask for."""
    return Only(name, lambda s: name not in abilities(s.video_model).ignores, f"with --video {ANIMATEDIFF}")


OF_SETTINGS = (  # chosen: Settings
    *(Only(name, lambda s: s.guidance.alpha, BLURRY) for name in ("theta", "video_start", "alpha_mode")),
    Only("theta", lambda s: s.alpha_mode != "released", "in another alpha mode than released"),
    Only("video_start", lambda s: s.alpha_mode == "partial", "in the alpha mode partial: the others run every step"),
    Only("keyframe_start", lambda s: s.keyframe_from == "blurry", NOISY, BEGIN),
    Only("keyframe_start", lambda s: s.blurry_starts_keyframe, STARTED, "leave it out, or add --keep-keyframe"),
    Only("keep_keyframe", lambda s: s.guidance.beta and not s.guidance.alpha, UNGUIDED),
    *(
        Only(f"keyframe_{n}", lambda s: s.guidance.beta, KEYFRAME)
        for n in ("steps", "start", "guidance", "solver", "draws", "from")
    ),
    Only("keyframe_near", lambda s: s.guidance.beta and s.keyframe_draws > 1, "with a keyframe of several draws"),
    *(Only(f"prior_{name}", lambda s: s.guidance.beta, KEYFRAME) for name in ("steps", "samples")),
    Only("captioner", lambda s: s.captioned, CAPTION),
    Only("guidance.gamma", lambda s: s.guidance.beta or s.prompt is not None or not s.guidance.gamma, KEYFRAME),
    Only("prompt", lambda s: s.guidance.gamma, "with words, not with --no-gamma"),
    Only("negative_prompt", lambda s: s.video_guidance != 1, GUIDED),
    *(_only_heeded(name) for name in abilities(LTX).ignores),
    Only("control_halves", lambda s: s.video_guidance != 1 and s.guidance.beta, f"{KEYFRAME} and {GUIDED}"),
)

OF_LESION = (  # chosen: what was typed, by name
    Only("silence", lambda given: given["lesion"] or given["keep"], "with --lesion or --keep"),
)

OF_REQUEST = (  # chosen: a Request
    *(Only(name, lambda r: r.dataset == "file", "with --dataset file") for name in ("vertex_index", "mask")),
)


def from_brain_command(request: Request) -> str:
    """The line `python -m neuroclips from-brain ...` of a request, where most settings are given by --set."""
    return reconstruct_command(request, "from-brain", {"seed": OPTIONS["seed"]})


def reconstruct_command(request: Request, verb: str = "reconstruct", options: Mapping[str, str] = OPTIONS) -> str:
    """The line `python -m neuroclips reconstruct ...` of a request, for a POSIX shell.

    It holds what differs from the zoo's settings and has an effect; of the rest, the command refuses what is typed.
    Raises InputError for edits that are no single lesion: functions cannot be typed.
    """
    settings = request.settings or zoo_named(request.zoo).settings
    words = ["--subject", request.subject, "--clip", request.clip, *_of_settings(settings, request.zoo, options)]
    words += _of_edits(settings.edits)
    for name in ("zoo", "dataset", *FILES, *PLACE):
        value = getattr(request, name)
        if value != getattr(Request, name) and not without_effect(name, request, OF_REQUEST):
            words += [flag(name), value]
    return shlex.join(["python", "-m", "neuroclips", verb, *map(str, words)])


def _of_settings(settings: Settings, zoo: str, options: Mapping[str, str]) -> Iterator[object]:
    now, own = flat(settings), zoo_named(zoo)
    usual = flat(own.settings_for(settings.video_model)) | {"video_model": own.settings.video_model}
    for name, value in now.items():
        if value == usual[name] or without_effect(name, settings, OF_SETTINGS):
            continue
        if name not in options or value is None:
            yield from ("--set", f"{name}={_word(value)}")
        elif isinstance(value, bool):
            yield options[name] if value else options[name].replace("--", "--no-", 1)
        else:
            yield from (options[name], value)


def _word(value: object) -> object:
    """As --set takes it: JSON, but for words that read as nothing else."""
    return value if isinstance(value, str) and value.isidentifier() and value not in LITERALS else json.dumps(value)


def _of_edits(edits: Sequence[Edit]) -> Iterator[object]:
    if not edits:
        return
    lesion = edits[0]
    if len(edits) > 1 or not isinstance(lesion, Lesion):
        raise InputError("got edits, expected none but one lesion: functions, given in Python, cannot be typed")
    yield from ("--keep" if lesion.keep else "--lesion", lesion.regions)
    if lesion.silence != SILENCES[0]:
        yield from ("--silence", lesion.silence)


def flat(settings: Settings) -> dict[str, object]:
    """Fields by the names that --set takes: those of the guidance behind a dot."""
    values = asdict(replace(settings, edits=()))
    del values["edits"]
    return {f"guidance.{name}": on for name, on in values.pop("guidance").items()} | values
