"""docs/evaluation.md says what the registries say, and explains every part of a report."""

import re

import pytest

from neuroclips.evaluation.conditions import CONDITIONS
from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.registry import METRICS
from neuroclips.paths import ROOT
from tests.evaluation.small_report import small_report

PAGE = ROOT / "docs" / "evaluation.md"


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture
def made(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import evaluation_page

    return evaluation_page


def test_the_page_is_what_the_registries_say(made, text):
    assert made.page(text) == text, "run python benchmarks/evaluation_page.py"


def test_a_page_without_its_marks_is_refused(made, text):
    with pytest.raises(ValueError, match="no part metrics"):
        made.page(text.replace("<!-- end of metrics -->", ""))


def test_everything_that_can_be_named_is_explained(text):
    assert all(f"| {metric.about.title} |" in text for metric in METRICS.values())
    assert all(f"**{name}**: {protocol.source}." in " ".join(text.split()) for name, protocol in PROTOCOLS.items())
    assert all(f"| `{name}` |" in text and told.meaning in text for name, told in CONDITIONS.items())
    assert all(sentence in re.sub(r"\s+", " ", text) for one in PROTOCOLS.values() for sentence in one.notes)


def test_every_field_of_a_report_is_explained(text):
    table = text.split("## Files")[1]
    report = small_report()
    one = report["subjects"]["1"]
    names = [*report, *one, *one["protocols"]["paper"], *one["retrieval"], *one["spurious"], *one["examples"]]
    names += ["n", "kind", "precomputed", "value", "ci", "sd", "p", "z", "counts", "edges", "n_permutations", "floor"]
    names += ["without neighbours", "chance", "shuffled", "ceiling", "noise ceiling", "check", "passed", "found"]
    assert not [name for name in names if not re.search(rf'[`.]"?{re.escape(name)}"?[`.]', table)]
