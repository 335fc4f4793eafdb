"""The pictures of a report: strips of clips that rank or chance chose, ablations, keyframes with words, fidelity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from torch import Tensor

from neuroclips.evaluation.report.markup import Markup, joined, tag
from neuroclips.evaluation.report.pictures import FilmsOf, image, small, strips
from neuroclips.evaluation.report.shape import FULL, ORACLE, label, name_of, of, part
from neuroclips.media import to_uint8

EACH, CLIPS, KEYFRAMES = 3, 4, 8  # strips of a rank, clips of a comparison, keyframes of a subject
RANKS = {"random": "Random", "best": "Best", "median": "Median", "worst": "Worst"}
ABLATED = (FULL, "no-keyframe", "no-blurry", "none")
TRUTH = "truth"


def examples(report: dict, films: FilmsOf) -> Markup | None:
    """Of every subject, clips that chance and rank chose, truth above and film below (figures 8 and 10)."""
    shown: list[Markup] = []
    for who in part(report, "subjects"):
        ranked = part(of(report, who), "examples")
        groups = [
            (title, [_pair(report, films, int(who), clip) for clip in ranked.get(name, [])[:EACH]])
            for name, title in RANKS.items()
        ]
        grids = [joined(tag("h4", title), _grid(found)) for title, found in groups if any(found)]
        shown += [_folded(f"Subject {who}", joined(*grids), who == next(iter(report["subjects"])))] if grids else []
    return joined(*shown) if shown else None


def same_clips(report: dict, films: FilmsOf) -> Markup | None:
    """The first subject's best, median and worst clips, by all subjects (figure 9)."""
    subjects = list(part(report, "subjects"))
    if len(subjects) < 2:
        return None
    rows = [(TRUTH, int(subjects[0]), TRUTH), *((f"subject {who}", int(who), FULL) for who in subjects)]
    clips = [clip for rank in ("best", "median", "worst") for clip in _ranked(report, subjects[0], rank)[:2]]
    return _compared(report, films, rows, clips)


def ablations(report: dict, films: FilmsOf) -> Markup | None:
    """Truth, full, without keyframe, without blurry video, without both (figures 4 and 11)."""
    shown: list[Markup] = []
    for who in part(report, "subjects"):
        rows = [(TRUTH, int(who), TRUTH), *((name_of(name), int(who), name) for name in ABLATED)]
        clips = [clip for rank in ("best", "median", "worst", "random") for clip in _ranked(report, who, rank)]
        whole = (clip for clip in dict.fromkeys(clips) if films.film(int(who), "no-keyframe", clip) is not None)
        found = _compared(report, films, rows, list(islice(whole, CLIPS)))
        shown += [_folded(f"Subject {who}", found, not shown)] if found else []
    return joined(*shown) if shown else None


def keyframes(report: dict, films: FilmsOf) -> Markup | None:
    """Decoded keyframes beside true frames, with the words that were read from them (figure 7)."""
    shown: list[Markup] = []
    for who in part(report, "subjects"):
        clips = dict.fromkeys(clip for rank in RANKS for clip in _ranked(report, who, rank)[:EACH])
        cards = (_keyframe(report, films, int(who), clip) for clip in clips)
        found = _grid(list(islice((card for card in cards if card), KEYFRAMES)), "cards")
        shown += [_folded(f"Subject {who}", found, not shown)] if found else []
    return joined(*shown) if shown else None


def fidelity(report: dict, films: FilmsOf) -> Markup | None:
    """What the generator makes of true guidance: the keyframe of true tokens, the oracle's film (figure 13)."""
    who = next(iter(part(report, "subjects")), None)
    return _grid(_true_guidance(report, films, int(who), clip) for clip in fidelity_clips(report)) if who else None


def fidelity_clips(report: dict) -> list[int]:
    """The first clip of each rank of the first subject: whose keyframes of true tokens a report shows."""
    who = next(iter(part(report, "subjects")), "")
    return list(dict.fromkeys(clip for rank in RANKS for clip in _ranked(report, who, rank)[:1]))


def _pair(report: dict, films: FilmsOf, subject: int, clip: int) -> Markup | None:
    truth, film = films.film(subject, TRUTH, clip), films.film(subject, FULL, clip)
    if truth is None or film is None:
        return None
    titled = [(f"truth{_quoted(films.caption(subject, TRUTH, clip))}", truth)]
    titled.append((f"film{_quoted(films.caption(subject, FULL, clip))}", film))
    return _figure(report, strips(titled, f"clip {clip}, subject {subject}"), f"Clip {clip}.")


def _compared(
    report: dict, films: FilmsOf, rows: Sequence[tuple[str, int, str]], clips: Iterable[int]
) -> Markup | None:
    figures = []
    for clip in clips:
        there = [(title, film) for title, who, name in rows if (film := films.film(who, name, clip)) is not None]
        if len(there) < 3:
            continue
        figures.append(_figure(report, strips(there, f"clip {clip}"), f"Clip {clip}."))
    return _grid(figures) if figures else None


def _keyframe(report: dict, films: FilmsOf, subject: int, clip: int) -> Markup | None:
    truth, decoded = (films.keyframe(subject, name, clip) for name in (TRUTH, FULL))
    words = films.caption(subject, FULL, clip)
    if truth is None or decoded is None or words is None:
        return None
    about = f"clip {clip}, subject {subject}: true frame left, decoded keyframe right"
    told = f"Clip {clip}: “{words}”" + (f" (truth: “{said}”)" if (said := films.caption(subject, TRUTH, clip)) else "")
    return _figure(report, image(_side_by_side(truth, decoded), about), told)


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
                image(_side_by_side(truth, made), words),
                class_="row half",
            )
        )
    if len(there) > 1:
        shown.append(strips(there, f"clip {clip}"))
    return _figure(report, joined(*shown), f"Clip {clip}.") if shown else None


def _side_by_side(*pictures: Tensor | None) -> np.ndarray:
    return np.concatenate([small(to_uint8(picture)) for picture in pictures if picture is not None], axis=1)


def _ranked(report: dict, who: str, rank: str) -> list[int]:
    return part(of(report, who), "examples").get(rank, [])


def _quoted(words: str | None) -> str:
    return f", “{words}”" if words else ""


def _figure(report: dict, picture: Markup, caption: str) -> Markup:
    return tag("figure", picture, tag("figcaption", caption, tag("small", f" {label(report)}")))


def _grid(figures: Iterable[Markup | None], look: str = "strips") -> Markup | None:
    there = [figure for figure in figures if figure]
    return tag("div", *there, class_=look) if there else None


def _folded(title: str, inner: Markup | None, opened: bool = False) -> Markup:
    return tag("details", tag("summary", title), inner, open="open" if opened else None)
