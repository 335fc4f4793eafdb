"""A report as one page that holds everything: no network, no script, dark or light as the reader likes it."""

from __future__ import annotations

from pathlib import Path

from neuroclips.evaluation.report.markup import Markup, joined, tag
from neuroclips.evaluation.report.pictures import FilmsOf
from neuroclips.evaluation.report.sections import SECTIONS, Section
from neuroclips.evaluation.report.shape import label, part

STYLE = Path(__file__).with_name("style.css")
TOLD = ("zoo", "dataset", "source", "judges", "seed")  # of what a report was made with


def page(report: dict, films: FilmsOf) -> str:
    """The whole page, UTF-8."""
    measured = label(report)
    head = joined(
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"NeuroClips evaluation: {measured}"),
        tag("style", Markup(STYLE.read_text(encoding="utf-8"))),
    )
    warning = f"{measured[:1].upper()}{measured[1:]}. None of these numbers can be compared with published ones."
    links = (tag("li", tag("a", section.title, href=f"#{section.key}")) for section in SECTIONS)
    body = tag(
        "body",
        tag("aside", warning, class_="badge", aria_label="What was measured"),
        tag("header", _made(report), class_="top"),
        tag(
            "main",
            tag("nav", tag("ul", *links), aria_label="Contents"),
            *(_section(section, report, films) for section in SECTIONS),
        ),
    )
    return "<!doctype html>\n" + tag("html", tag("head", head), body, lang="en") + "\n"


def _made(report: dict) -> Markup:
    """What was evaluated, and the command that did."""
    made = part(report, "made")
    told = ", ".join(f"{name} {made[name]}" for name in TOLD if made.get(name, "") != "")
    return joined(
        tag("h1", "Evaluation: every score between its floor and its ceiling"),
        tag("p", f"Version {report.get('version', 'unknown')}; {told}.", class_="lead"),
        tag("p", "Made by ", tag("code", made["command"]), ".") if made.get("command") else None,
    )


def _section(section: Section, report: dict, films: FilmsOf) -> Markup:
    lacking = tag("p", "This report has none of it: ", tag("code", section.needs), " makes it.", class_="missing")
    inner = section.make(report, films) or lacking
    return tag("section", tag("h2", section.title, id=section.key), tag("p", section.lead, class_="lead"), inner)
