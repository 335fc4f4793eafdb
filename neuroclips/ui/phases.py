"""How far a training run is and when it ends: from the bars that it prints, its log, and what is in the cache."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from neuroclips.paths import cache_dir
from neuroclips.ui.offered import card, offered
from neuroclips.ui.run_files import log_of
from neuroclips.ui.run_record import Choices, records

BAR = re.compile(
    r"^(?P<name>[^|\r\n]*?):\s+\d+%\|[^|]*\|\s*(?P<done>\d+)/(?P<total>\d+) \[(?P<past>[\d:]+)<(?P<left>[\d:?]+)"
)
SLOWEST = 20.0  # times slower than expected that an estimate goes


@dataclass(frozen=True)
class Phase:
    """A part of a run; bar : how its progress bar begins; seconds : [s] that it may take on two cores; kept : files of
    the cache with which it is over before it begins.
    """

    title: str
    bar: str
    seconds: float
    kept: str = ""


@dataclass(frozen=True)
class Seen:
    """A phase of a run as it is now; state : kept, done, now or later; seconds : [s] that are left."""

    title: str
    state: str
    seconds: float
    share: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """The last state of a progress bar; left : [s], None where it is not known yet."""

    done: int
    total: int
    past: float
    left: float | None


# Films, scans, latents and ridge as in one first run of perception (528 s until its first step), on two cores that were
# busy with other work too. The seconds of tokens are estimated from a timing of 32 clips.
START = Phase("Starting Python", "", 12)
BRAIN = (
    Phase("Drawing the films that the simulated brain watches", "watching films", 110, "features/test04.npz"),
    Phase("Finding its responsive voxels", "subject{subject}: repeats", 14, "simulated/subject{subject}/meta.json"),
    Phase("Scanning it", "subject{subject}: samples", 22, "simulated/subject{subject}/meta.json"),
)
LATENTS = Phase("Encoding films to latents", "latents of the", 320, "targets/simulated_*_latents_*[!t].npy")
TOKENS = Phase("Encoding films to CLIP tokens", "tokens of the", 120, "targets/simulated_*_tokens_*[!t].npy")
TEXTS = Phase("Encoding captions", "texts of the", 8, "targets/simulated_*_texts_*[!t].npy")
RIDGE = Phase("Solving the ridge layer", "", 45, "targets/ridge_{kind}_subject{subject}_*.npz")
TOKENS_OF_BRAIN = Phase("Tokens of the brain", "brain of the", 30)
SOLVING = Phase("Solving two ridge regressions", "", 90)
ORDER = {
    "perception": (LATENTS, RIDGE),
    "semantic": (TOKENS, RIDGE, TEXTS),
    "joint": (TOKENS, RIDGE, TEXTS),
    "prior": (TOKENS, RIDGE, TOKENS_OF_BRAIN, TEXTS),
    "linear": (TOKENS, LATENTS, SOLVING),
}
TRAINING, SAVING = "Training", Phase("Saving", "", 3)


def planned(choices: Choices) -> list[Phase]:
    """What a run goes through before it trains, in order; what the cache holds already has no seconds."""
    phases = [START, *(() if choices.source else BRAIN), *ORDER[choices.stage]]
    return [_in_cache(phase, choices) for phase in phases]


def _in_cache(phase: Phase, choices: Choices) -> Phase:
    kind = "latents" if choices.stage == "perception" else "tokens"
    kept, bar = (text.format(subject=choices.subject, kind=kind) for text in (phase.kept, phase.bar))
    there = bool(kept) and not choices.source and any(cache_dir().glob(kept))
    return replace(phase, bar=bar, kept="kept" if there else "", seconds=0 if there else phase.seconds)


def step_seconds(stage: str, subject: int) -> tuple[float, str]:
    """Seconds of a step [s], with where they were measured: here, else where the shipped weights were trained."""
    for record in records():
        log = log_of(record.folder) if record.choices.stage == stage else []
        last: dict = next((line for line in reversed(log) if "loss" in line), {})
        if last.get("step", 0) >= 10:
            return last["seconds"] / (last["step"] + 1), "measured here"
    about = card(stage, subject)
    if not about:
        return 0.0, ""
    joint = 3.0 if "joint=true" in offered(stage).words else 1.0  # the prior costs twice what semantics do
    return joint * about["seconds"] / about["steps"], "as the shipped weights took"


def expected(choices: Choices) -> tuple[float, float, str]:
    """Seconds [s] of preparation and of training, and where the latter were measured."""
    seconds, where = step_seconds(choices.stage, choices.subject)
    return sum(phase.seconds for phase in planned(choices)), seconds * (choices.steps or 0), where


def seen(
    phases: Sequence[Phase], output: str, log: Sequence[dict], choices: Choices, idle: float, each: float
) -> list[Seen]:
    """The phases of a running process; idle : [s] since it printed something; each : [s] expected of a step."""
    bars = bars_of(output)
    steps = [line for line in log if "loss" in line]
    found = [_bar_of(phase, bars) for phase in phases]
    reached = max((i for i, bar in enumerate(found) if bar), default=-1)
    whole = reached < 0 or (bar := found[reached]) is not None and bar.done >= bar.total
    now = len(phases) if steps else _next(phases, reached) if whole else reached
    factor = _slower(phases, found)
    told = [_told(phase, found[i], i, now, factor, idle) for i, phase in enumerate(phases)]
    trained = _training(steps, choices.steps or 0, each) if choices.has_steps else []
    return [*told, *trained, Seen(SAVING.title, "later", SAVING.seconds)]


def _next(phases: Sequence[Phase], reached: int) -> int:
    """The phase after those whose bars are full: the first that is not in the cache."""
    later = range(reached + 1, len(phases))
    return next((i for i in later if not phases[i].kept), len(phases) - 1)


def _told(phase: Phase, bar: Bar | None, i: int, now: int, factor: float, idle: float) -> Seen:
    if i < now:
        return Seen(phase.title, "kept" if phase.kept and bar is None else "done", 0, 1.0)
    usual = factor * phase.seconds
    if i > now:
        return Seen(phase.title, "kept" if phase.kept else "later", usual, float(bool(phase.kept)))
    if bar is None:  # it prints nothing until it is over
        return Seen(phase.title, "now", max(1.0, usual - idle), min(0.95, idle / max(1.0, usual)))
    left = bar.left if bar.left is not None else usual
    return Seen(phase.title, "now", left, bar.done / max(1, bar.total), f"{bar.done} of {bar.total}")


def _training(steps: Sequence[dict], n: int, each: float) -> list[Seen]:
    if not steps:
        return [Seen(TRAINING, "later", n * each)]
    done, first = steps[-1]["step"] + 1, steps[max(0, len(steps) - 20)]
    past = steps[-1]["seconds"] - first["seconds"]
    lately = past / (len(steps[-20:]) - 1) if len(steps) > 1 and past > 0 else steps[-1]["seconds"] / done
    state = "now" if done < n else "done"
    return [Seen(TRAINING, state, lately * (n - done), done / max(1, n), f"step {done} of {n}")]


def _slower(phases: Sequence[Phase], bars: Sequence[Bar | None]) -> float:
    """How many times slower than expected the phases were whose bars are full."""
    whole = [
        (bar.past, phase.seconds) for phase, bar in zip(phases, bars, strict=True) if bar and bar.done >= bar.total
    ]
    usual = sum(seconds for _, seconds in whole)
    return min(SLOWEST, max(1.0, sum(past for past, _ in whole) / usual)) if usual else 1.0


def _bar_of(phase: Phase, bars: Mapping[str, Bar]) -> Bar | None:
    return next((bar for name, bar in bars.items() if phase.bar and name.startswith(phase.bar)), None)


@lru_cache(maxsize=2)
def bars_of(output: str) -> Mapping[str, Bar]:
    """The last state of each named bar that tqdm printed, in the order of their first."""
    found: dict[str, Bar] = {}
    for line in output.replace("\r", "\n").splitlines():
        if match := BAR.match(line):
            left = None if "?" in match["left"] else _seconds(match["left"])
            found[match["name"]] = Bar(int(match["done"]), int(match["total"]), _seconds(match["past"]), left)
    return found


def _seconds(text: str) -> float:
    """[s] of 1:02:03 or 02:03."""
    total = 0
    for part in text.split(":"):
        total = 60 * total + int(part)
    return float(total)


def idle_seconds(output: Path, now: float) -> float:
    """How long a process has printed nothing [s]."""
    return max(0.0, now - output.stat().st_mtime) if output.exists() else 0.0
