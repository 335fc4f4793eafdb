"""Pictures of a report: strips of clips that rank or chance chose, and keyframes with words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np
from torch import Tensor

from neuroclips.evaluation.report.markup import Markup, joined, tag
from neuroclips.evaluation.report.pictures import FilmsOf, image, small, strips
from neuroclips.evaluation.report.shape import FULL, label, of, part
from neuroclips.media import to_uint8

EACH, KEYFRAMES = 3, 8  # strips of a rank, keyframes of a subject
RANKS = {"random": "Random", "best": "Best", "median": "Median", "worst": "Worst"}
TRUTH, GAP = "truth", 4  # [pixels]


def examples(report: dict, films: FilmsOf) -> Markup | None:
    """Of every subject, clips that chance and rank chose, truth above and film below (figures 8 and 10)."""
    shown: list[Markup] = []
    for who in part(report, "subjects"):
        ranked = part(of(report, who), "examples")
        groups = [
            (title, [_pair(report, films, int(who), clip) for clip in ranked.get(name, [])[:EACH]])
            for name, title in RANKS.items()
        ]
        grids = [joined(tag("h3", title), grid(found)) for title, found in groups if any(found)]
        shown += [folded(f"Subject {who}", joined(*grids), who == next(iter(report["subjects"])))] if grids else []
    return joined(*shown) if shown else None


def keyframes(report: dict, films: FilmsOf) -> Markup | None:
    """Decoded keyframes beside true frames, with the words that were read from them (figure 7)."""
    shown: list[Markup] = []
    for who in part(report, "subjects"):
        clips = dict.fromkeys(clip for rank in RANKS for clip in ranked_by(report, who, rank)[:EACH])
        cards = (_keyframe(report, films, int(who), clip) for clip in clips)
        found = grid(list(islice((card for card in cards if card), KEYFRAMES)), "cards")
        shown += [folded(f"Subject {who}", found, not shown)] if found else []
    return joined(*shown) if shown else None


def _pair(report: dict, films: FilmsOf, subject: int, clip: int) -> Markup | None:
    truth, film = films.film(subject, TRUTH, clip), films.film(subject, FULL, clip)
    if truth is None or film is None:
        return None
    titled = [(f"truth{_quoted(films.caption(subject, TRUTH, clip))}", truth)]
    titled.append((f"film{_quoted(films.caption(subject, FULL, clip))}", film))
    return figure(report, strips(titled, f"clip {clip}, subject {subject}"), f"Clip {clip}.")


def _keyframe(report: dict, films: FilmsOf, subject: int, clip: int) -> Markup | None:
    truth, decoded = (films.keyframe(subject, name, clip) for name in (TRUTH, FULL))
    words = films.caption(subject, FULL, clip)
    if truth is None or decoded is None or words is None:
        return None
    about = f"clip {clip}, subject {subject}: true frame left, decoded keyframe right"
    told = f"Clip {clip}: “{words}”" + (f" (truth: “{said}”)" if (said := films.caption(subject, TRUTH, clip)) else "")
    return figure(report, image(side_by_side(truth, decoded), about), told)


def side_by_side(left: Tensor, right: Tensor) -> np.ndarray:
    """Two pictures (3, H, W) with a gap between them."""
    one, other = (small(to_uint8(picture)) for picture in (left, right))
    return np.concatenate([one, np.full((len(one), GAP, 3), 128, np.uint8), other], axis=1)


def ranked_by(report: dict, who: str, rank: str) -> list[int]:
    return part(of(report, who), "examples").get(rank, [])


def _quoted(words: str | None) -> str:
    return f", “{words}”" if words else ""


def figure(report: dict, picture: Markup, caption: str) -> Markup:
    return tag("figure", picture, tag("figcaption", caption, tag("small", f" {label(report)}")))


def grid(figures: Iterable[Markup | None], look: str = "strips") -> Markup | None:
    there = [figure for figure in figures if figure]
    return tag("div", *there, class_=look) if there else None


def folded(title: str, inner: Markup | None, opened: bool = False) -> Markup:
    return tag("details", tag("summary", title), inner, open="open" if opened else None)
