"""What axe-core finds wrong for people who see little, hear a page or use its keys: nothing serious, on any tab."""

import gzip
from pathlib import Path

import pytest

from neuroclips.ui import page
from neuroclips.ui.routes import routes
from neuroclips.ui.web import head
from tests.ui.chromium import open_tab

AXE = gzip.decompress((Path(__file__).parent / "axe.min.js.gz").read_bytes()).decode()  # 4.14.1, as axe.LICENSE says
FINDINGS = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .filter(found => ['serious', 'critical'].includes(found.impact))
  .map(found => `${found.id}: ` + found.nodes.slice(0, 4).map(node => node.html.slice(0, 160)).join(' | '))"""


@pytest.fixture(scope="module")
def whole_page():
    """The address of the page with all its tabs."""
    demo = page.build()
    served = {"theme": page.theme(), "head": head(), "footer_links": [], "app_kwargs": {"routes": routes()}}
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, **served)
    yield url
    demo.close()


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_tab(whole_page, theme):
    found = {}
    with open_tab() as tab:
        tab.goto(f"{whole_page}?__theme={theme}")
        for each in page.TABS:
            tab.get_by_role("tab", name=each.title, exact=True).click()
            tab.wait_for_timeout(700)  # what comes later is not what a visitor meets first
            tab.evaluate(AXE)
            found[each.title] = tab.evaluate(FINDINGS)
    assert not any(found.values()), "\n".join(f"{name}: {line}" for name, lines in found.items() for line in lines)
