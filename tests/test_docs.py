"""The documents are true: results are what was measured, links lead somewhere, the example prints its answer."""

import contextlib
import io
import re
from dataclasses import replace

import pytest

from neuroclips import zoo
from neuroclips.data.registry import load_dataset
from neuroclips.paths import ROOT
from neuroclips.pipeline import load_pipeline

README = (ROOT / "README.md").read_text()
PAGES = {path: path.read_text() for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))}
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def anchors(text: str) -> set[str]:
    """What links into a page can name: its headings in lower case, words joined by hyphens."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def section(text: str, title: str) -> str:
    """A section of a page, without its heading."""
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.fixture
def made(monkeypatch) -> str:
    """docs/results.md as its command makes it."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import results

    return results.page()


def test_results_are_what_was_measured(made):
    assert (ROOT / "docs" / "results.md").read_text() == made, "run python benchmarks/results.py"


def test_the_readme_is_short_and_agrees_with_the_results(made):
    assert len(README.encode()) < 9000
    rows = [line for line in section(README, "Results").splitlines() if line.startswith("|")][2:]
    assert len(rows) == 4 and all(row in made.splitlines() for row in rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page):
    links = LINK.findall(PAGES[page])
    assert links
    for target, anchor in links:
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path.read_text()), f"{target}#{anchor}"


def test_lines_are_short():
    long = [line for text in PAGES.values() for line in text.splitlines() if len(line) > 120]
    assert not [line for line in long if not line.startswith("|")]


def test_files_that_are_named_exist():
    """Paths in backquotes that begin with a folder of the repository."""
    named = re.compile(r"`((?:neuroclips|assets|benchmarks|checkpoints|docs|tests)/[\w./]*)`")
    assert not [path for text in PAGES.values() for path in named.findall(text) if not (ROOT / path).exists()]


@pytest.mark.slow
def test_the_example_prints_its_answer():
    code, answer = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", section(README, "In Python"), re.DOTALL).groups()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})  # noqa: S102 - what a reader would type
    assert printed.getvalue() == answer


def test_the_toy_captioner_of_the_docs_works(tmp_path, monkeypatch):
    """Its file and its rows are taken from the page, so that a newcomer who follows it ends with a caption."""
    text = section(PAGES[ROOT / "docs" / "architecture.md"], "How to add")
    (tmp_path / "colour_captioner.py").write_text(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1])
    monkeypatch.syspath_prepend(str(tmp_path))
    kind, role = (re.search(r"\+ +" + row, text)[1] for row in (r'"(\w+)": "[^"]*:ColourCaptioner"', r'Part\("([^"]+)'))
    monkeypatch.setitem(zoo.KINDS, kind, "colour_captioner:ColourCaptioner")
    more = replace(demo := zoo.zoo_named(), name="toy", parts=(*demo.parts, zoo.Part(role, kind, str(tmp_path))))
    settings = replace(demo.settings, captioner=role.partition("/")[2], video_steps=2)
    assert load_pipeline(more)(load_dataset().sample(1, 0), settings).caption in ("red", "green", "blue")
