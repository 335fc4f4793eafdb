"""The sections of the page in their order, each with the command that makes what a report may lack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from neuroclips.evaluation.report import beside, compared, comparisons, curves, gallery
from neuroclips.evaluation.report.dials import dials
from neuroclips.evaluation.report.differences import controls, directions, table_2
from neuroclips.evaluation.report.markup import Markup, joined, tag
from neuroclips.evaluation.report.pictures import FilmsOf
from neuroclips.evaluation.report.retrieved import table_4
from neuroclips.evaluation.report.shape import MEAN, overall, people, protocols
from neuroclips.evaluation.report.table import Table
from neuroclips.evaluation.report.tables import table_1
from neuroclips.evaluation.report.web_table import web_table

EVALUATE = "python -m neuroclips evaluate --subject all"
ALL = f"{EVALUATE} --ablations --controls --out DIR"
Make = Callable[[dict, FilmsOf], Markup | None]


@dataclass(frozen=True)
class Section:
    """key : its address in the page. make : what is shown, None where the report lacks it, which `needs` makes."""

    key: str
    title: str
    lead: str
    make: Make
    needs: str = ALL


def _numbers(drawn: Callable[[dict], Markup | None]) -> Make:
    """A section without pictures."""
    return lambda report, films: drawn(report)


def _dials(report: dict) -> Markup | None:
    protocol = next(iter(protocols(report)), None)
    if protocol is None:
        return None
    return joined(
        *(
            tag(
                "details",
                tag("summary", f"{'Mean of subjects' if who == MEAN else f'Subject {who}'}, protocol {protocol}"),
                tag("div", *dials(report, who, protocol), class_="dials"),
                open="open" if who == overall(report) else None,
            )
            for who in sorted(people(report), key=lambda who: who != MEAN)
        )
    )


def _by_protocol(report: dict, made: Callable[[dict, str], Table | None]) -> Markup | None:
    """A table for every protocol, the first as it is, the others folded."""
    found = [(name, web_table(table)) for name in protocols(report) if (table := made(report, name))]
    others = (tag("details", tag("summary", f"Protocol {name}"), table) for name, table in found[1:])
    return joined(found[0][1], *others) if found else None


def _ablations(report: dict, films: FilmsOf) -> Markup | None:
    signs, table = _by_protocol(report, directions), _by_protocol(report, table_2)
    return joined(signs, table, compared.ablations(report, films)) if table else None


def _retrieval(report: dict) -> Markup | None:
    table = table_4(report)
    return joined(web_table(table), curves.retrieval(report)) if table else None


def _protocols(report: dict) -> Markup | None:
    table = comparisons.side_by_side(report)
    return joined(web_table(table), web_table(comparisons.protocols_of(protocols(report)), "prose")) if table else None


def _published(report: dict) -> Markup:
    found = [table for name in protocols(report) if (table := beside.published(report, name))]
    return joined(*map(web_table, (*found, beside.without_protocol())))


def _words(report: dict, films: FilmsOf) -> Markup | None:
    table = comparisons.words(report)
    shown = [web_table(table) if table else None, gallery.keyframes(report, films)]
    return joined(*shown) if any(shown) else None


def _controls(report: dict, films: FilmsOf) -> Markup | None:
    table = _by_protocol(report, controls)
    return joined(table, compared.controls(report, films)) if table else None


def _novelty(report: dict, films: FilmsOf) -> Markup | None:
    made = (comparisons.novelty(report), comparisons.dimension(report))
    shown = [*(web_table(table) for table in made if table), compared.nearest(report, films)]
    return joined(*shown) if any(shown) else None


SECTIONS = (
    Section(
        "dials",
        "Scores from floor to ceiling",
        "Better is to the right. The dot is the mean, the pale bar its 95 % interval; brown ticks are floors and "
        "controls (dashed), which know little or nothing of a clip; the green tick is the generator given the truth.",
        _numbers(_dials),
    ),
    Section(
        "films",
        "Films: random, best, median, worst",
        "Chosen by chance and by rank alone; nobody's eye took part.",
        gallery.examples,
    ),
    Section(
        "table1",
        "Table 1: scores of all subjects",
        "± as the paper has it, and the interval below; then controls and floors, which know little of a clip.",
        _numbers(lambda report: _by_protocol(report, table_1)),
    ),
    Section(
        "table2",
        "Table 2: what each part adds",
        "The full model less an ablation on the same clips; films from above: truth, full, and what is left.",
        _ablations,
        f"{EVALUATE} --ablations --out DIR",
    ),
    Section(
        "controls",
        "Is it from the brain?",
        "The same pipeline where the fMRI says nothing of the clip. What the full model has more, the brain has said.",
        _controls,
        f"{EVALUATE} --controls --out DIR",
    ),
    Section(
        "subjects",
        "The same clips by all subjects",
        "The first subject's best, median and worst two, whatever the others make of them.",
        compared.same_clips,
    ),
    Section(
        "permutations",
        "Right pairs against shuffled clips",
        "Bars: mean scores when films are compared with the truth of other clips of the same film. Line: with their "
        "own truth. The further apart, the more a film says of its clip.",
        _numbers(curves.permutations),
    ),
    Section(
        "retrieval",
        "Table 4: retrieval, and pools of every size",
        "Which of N clips does a decoded sample belong to, and the other way round?",
        _numbers(_retrieval),
    ),
    Section(
        "repeats",
        "Noise ceiling and repeats",
        "A test clip was shown ten times. What do fewer showings give, and how reliable are the voxels?",
        _numbers(curves.repeats),
    ),
    Section(
        "keyframes",
        "Keyframes and words",
        "True frame left, decoded keyframe right, and the words that were read from it.",
        _words,
    ),
    Section(
        "fidelity",
        "The generator's own fidelity",
        "What it makes of true guidance: an error here is not the decoder's.",
        compared.fidelity,
        f"{EVALUATE} --controls --out DIR",
    ),
    Section(
        "novelty",
        "Is it only the nearest training clip?",
        "If scores fall with the distance to the nearest training clip, decoding may be a choice among known clips.",
        _novelty,
    ),
    Section(
        "leaks",
        "Leak card",
        "Ways in which test clips could have reached the models, and what was found.",
        _numbers(comparisons.leaks),
    ),
    Section(
        "protocols",
        "One film, several protocols",
        "The programs of the field differ under one name; each is copied here with its oddities.",
        _numbers(_protocols),
        f"{EVALUATE} --protocol all --out DIR",
    ),
    Section(
        "published",
        "Published results",
        "For orientation only, each under its own protocol: other data, other judges, not comparable.",
        _numbers(_published),
    ),
)
