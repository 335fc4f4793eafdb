"""What the About tab tells is what the package, its licences and CITATION.cff say."""

import ast
import inspect
import re

import pytest

from neuroclips import __version__
from neuroclips.cli import app
from neuroclips.paths import ROOT
from neuroclips.ui import about, about_facts, api
from neuroclips.zoo import zoo_named
from tests.ui.chromium import open_tab


def test_the_citation_is_that_of_the_repository():
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8").partition("preferred-citation:")[2]
    authors = re.findall(r"given-names: (\w+), family-names: (\w+)", cited)
    expected = " and ".join(f"{family}, {given}" for given, family in authors)
    assert expected in " ".join(about.BIBTEX.split()) and len(authors) == 12
    for field in ("title", "url", "collection-title"):
        value = re.search(rf'{field}: "?([^"\n]+)', cited)
        assert value and value[1] in about.BIBTEX
    assert about.BIBTEX.count("{") == about.BIBTEX.count("}")


def test_every_model_is_told_with_its_class_size_and_licence():
    rows = {model.role: model for model in about_facts.models()}
    assert list(rows) == [part.role for part in zoo_named("demo").parts]
    assert all(row.size > 0 and row.licence == "Apache-2.0" for row in rows.values())
    assert (rows["clip"].kind, rows["prior"].kind) == ("OpenClip", "Prior")
    assert "Salesforce/blip2-opt-2.7b (15 GB, MIT)" in about.page()
    each = sum(row.size for row in rows.values())
    assert rows["keyframes"].size < about_facts.shipped_bytes() < each  # files that roles share count once


def test_licences_and_what_is_simulated_are_said():
    page = about.page()
    assert about_facts.acknowledgement() in page and "1U54MH091657" in page
    assert about_facts.areas_paper().startswith("Glasser MF") and "doi:10.1038/nature18933" in page
    for path, words in (("brain", "HCP Open Access Data Use Terms"), ("sprites", "Microsoft")):
        assert words in " ".join(about_facts.LICENCES[path].read_text(encoding="utf-8").split()) and words in page
    assert f"NeuroClips {__version__}" in page and "<b>simulated</b>" in page and "<b>demo</b>" in page


def test_the_python_example_calls_endpoints_as_they_are():
    calls = [node for node in ast.walk(ast.parse(about.PYTHON)) if isinstance(node, ast.Call)]
    asked = [{word.arg: word.value.value for word in call.keywords} for call in calls if call.keywords]
    assert [call["api_name"] for call in asked] == ["/reconstruct", "/ablate"]
    for call in asked:
        endpoint = getattr(api, call.pop("api_name").strip("/"))
        inspect.signature(endpoint).bind(**call)


def test_commands_are_verbs_of_the_command_line():
    told = about.page().partition("On the command line")[2]
    verbs = re.findall(r"(?:neuroclips |<code>)(?!pip|python)([a-z]+)(?=[ <])", told)
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert len(verbs) > 5 and set(verbs) <= known, set(verbs) - known


@pytest.mark.browser
def test_the_example_has_the_address_of_this_server_and_copies(light_page):
    with open_tab() as tab:
        tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
        tab.goto(light_page)
        tab.get_by_role("tab", name="About").click()
        tab.wait_for_selector(f"#about code:has-text('Client(\"{light_page.rstrip('/')}\")')")
        tab.click("#about .ab-copy >> nth=-1")
        tab.wait_for_selector("#about .ab-copy:has-text('Copied')")
        assert tab.evaluate("navigator.clipboard.readText()") == about.BIBTEX
