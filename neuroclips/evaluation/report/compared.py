"""Films below each other: by all subjects, ablated, by controls, beside the nearest training clip, of true guidance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from neuroclips.evaluation.conditions import CONTROLS
from neuroclips.evaluation.report.gallery import RANKS, TRUTH, figure, folded, grid, ranked_by, side_by_side
from neuroclips.evaluation.report.markup import Markup, joined, tag
from neuroclips.evaluation.report.pictures import FilmsOf, image, strips
from neuroclips.evaluation.report.shape import FULL, ORACLE, name_of, of, part

CLIPS = 4  # of a comparison


def same_clips(report: dict, films: FilmsOf) -> Markup | None:
    """The first subject's best, median and worst clips, by all subjects (figure 9)."""
    subjects = list(part(report, "subjects"))
    if len(subjects) < 2:
        return None
    rows = [(TRUTH, int(subjects[0]), TRUTH), *((f"subject {who}", int(who), FULL) for who in subjects)]
    clips = [clip for rank in ("best", "median", "worst") for clip in ranked_by(report, subjects[0], rank)[:2]]
    return _compared(report, films, rows, clips)


def ablations(report: dict, films: FilmsOf) -> Markup | None:
    """Truth, full, without keyframe, without blurry video, without both (figures 4 and 11)."""
    return _conditions(report, films, (FULL, "no-keyframe", "no-blurry", "none"), "no-keyframe")


def controls(report: dict, films: FilmsOf) -> Markup | None:
    """Truth and full, then what is painted where the brain says nothing of the clip."""
    return _conditions(report, films, (FULL, *CONTROLS), "zero")


def nearest(report: dict, films: FilmsOf) -> Markup | None:
    """Truth and film beside the training clip that is most like the truth."""
    shown: list[Markup] = []
    for who in part(report, "subjects"):
        found = part(of(report, who), "spurious", "nearest")
        where = dict(
            zip(found.get("clips", ()), zip(found.get("film", ()), found.get("tr", ()), strict=True), strict=True)
        )
        clips = [clip for rank in RANKS for clip in ranked_by(report, who, rank)[:1] if clip in where]
        cards = grid(_beside_nearest(report, films, int(who), clip, *where[clip]) for clip in clips)
        shown += [folded(f"Subject {who}", cards, not shown)] if cards else []
    return joined(*shown) if shown else None


def _beside_nearest(report: dict, films: FilmsOf, subject: int, clip: int, film: str, tr: int) -> Markup | None:
    titles = {"truth": films.film(subject, TRUTH, clip), "film": films.film(subject, FULL, clip)}
    titles[f"nearest training clip, {film}, TR {tr}"] = films.training(film, tr)
    there = [(title, shown) for title, shown in titles.items() if shown is not None]
    return figure(report, strips(there, f"clip {clip}"), f"Clip {clip}.") if len(there) == len(titles) else None


def _conditions(report: dict, films: FilmsOf, names: Sequence[str], needed: str) -> Markup | None:
    """Strips of the first clips that have a film of the condition `needed`, those of a rank before the others."""
    shown: list[Markup] = []
    for who in part(report, "subjects"):
        rows = [(TRUTH, int(who), TRUTH), *((name_of(name), int(who), name) for name in names)]
        ranked = [clip for rank in RANKS for clip in ranked_by(report, who, rank)]
        clips = dict.fromkeys([*ranked, *part(of(report, who)).get("clips", ())])
        whole = (clip for clip in clips if films.film(int(who), needed, clip) is not None)
        found = _compared(report, films, rows, list(islice(whole, CLIPS)))
        shown += [folded(f"Subject {who}", found, not shown)] if found else []
    return joined(*shown) if shown else None


def fidelity(report: dict, films: FilmsOf) -> Markup | None:
    """What the generator makes of true guidance: the keyframe of true tokens, the oracle's film (figure 13)."""
    who = next(iter(part(report, "subjects")), None)
    return grid(_true_guidance(report, films, int(who), clip) for clip in fidelity_clips(report)) if who else None


def fidelity_clips(report: dict) -> list[int]:
    """The first clip of each rank of the first subject: whose keyframes of true tokens a report shows."""
    who = next(iter(part(report, "subjects")), "")
    return list(dict.fromkeys(clip for rank in RANKS for clip in ranked_by(report, who, rank)[:1]))


def _compared(
    report: dict, films: FilmsOf, rows: Sequence[tuple[str, int, str]], clips: Iterable[int]
) -> Markup | None:
    figures = []
    for clip in clips:
        there = [(title, film) for title, who, name in rows if (film := films.film(who, name, clip)) is not None]
        if len(there) < 3:
            continue
        figures.append(figure(report, strips(there, f"clip {clip}"), f"Clip {clip}."))
    return grid(figures) if figures else None


def _true_guidance(report: dict, films: FilmsOf, subject: int, clip: int) -> Markup | None:
    truth, made = (films.keyframe(subject, name, clip) for name in (TRUTH, ORACLE))
    titles = {TRUTH: "truth", ORACLE: "film of true guidance"}
    there = [(title, film) for name, title in titles.items() if (film := films.film(subject, name, clip)) is not None]
    shown: list[Markup] = []
    if truth is not None and made is not None:
        words = f"clip {clip}: true frame left, the keyframe of its true tokens right"
        shown.append(
            tag(
                "div",
                "true frame, and the keyframe of its tokens",
                image(side_by_side(truth, made), words),
                class_="row half",
            )
        )
    if len(there) > 1:
        shown.append(strips(there, f"clip {clip}"))
    return figure(report, joined(*shown), f"Clip {clip}.") if shown else None
