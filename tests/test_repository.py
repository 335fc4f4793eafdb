"""What is shipped: small files, no paths of the machine it was made on, licences beside assets."""

import re
import subprocess

from neuroclips.paths import ASSETS, CHECKPOINTS, ROOT

TRACKED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split("\0")[:-1]


def test_no_file_needs_lfs():
    assert TRACKED
    assert not [f for f in TRACKED if (ROOT / f).exists() and (ROOT / f).stat().st_size > 10_000_000]


def test_what_is_shipped_stays_small():
    for folder, limit in (("checkpoints", 80e6), ("assets", 40e6)):
        assert 0 < sum((ROOT / f).stat().st_size for f in TRACKED if f.startswith(f"{folder}/")) < limit


def test_no_absolute_path_is_shipped():
    texts = [f for f in TRACKED if f.endswith((".json", ".py", ".md", ".toml", ".txt")) and (ROOT / f).exists()]
    found = [f for f in texts if re.search(r'["\s(](/tmp|/root|/home|/work)/\w', (ROOT / f).read_text())]
    assert not found


def test_licences_and_cards_are_there():
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "MIT" in (ASSETS / "sprites" / "LICENSE").read_text()
    assert "HCP Open Access" in (ASSETS / "brain" / "LICENSE").read_text()
    parts = [p.parent for p in (CHECKPOINTS / "demo").glob("**/training.json")]
    assert len(parts) == 8 + 2 + 3 * 3  # frozen models, projector and fusion, three reconstructors of three subjects
    readme = (CHECKPOINTS / "demo" / "README.md").read_text()
    assert all(str(p.relative_to(CHECKPOINTS / "demo")) in readme for p in parts)
