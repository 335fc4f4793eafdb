"""What is shipped and how it is kept in order: sizes, licences, requirements, style, types, the way imports go."""

import re
import subprocess
import sys
import tomllib

import pytest

import neuroclips
from neuroclips.paths import ASSETS, CHECKPOINTS, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy", "neuroclips"],
    "lint-imports": ["-c", LINT_IMPORTS, "--no-cache"],
    "docs/imports.py": ["docs/imports.py", "--check"],
}

TRACKED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split("\0")[:-1]


def test_what_is_shipped_stays_small():
    assert TRACKED
    done = subprocess.run([sys.executable, ".ci/large_files.py", *TRACKED], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_large_file_is_refused_but_not_among_weights(tmp_path):
    for name, size in (("notes.bin", 600_000), ("checkpoints/weights.bin", 600_000), ("assets/film.bin", 11_000_000)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    names = ["notes.bin", "checkpoints/weights.bin", "assets/film.bin"]
    command = [sys.executable, ROOT / ".ci" / "large_files.py", *names]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["notes.bin", "assets/film.bin"]


def test_no_absolute_path_is_shipped():
    texts = [f for f in TRACKED if f.endswith((".json", ".py", ".md", ".toml", ".txt")) and (ROOT / f).exists()]
    found = [f for f in texts if re.search(r'["\s(](/tmp|/root|/home|/work)/\w', (ROOT / f).read_text())]
    assert not found


def test_licences_and_cards_are_there():
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "MIT" in (ASSETS / "sprites" / "LICENSE").read_text()
    assert "HCP Open Access" in (ASSETS / "brain" / "LICENSE").read_text()
    parts = [p.parent for p in (CHECKPOINTS / "demo").glob("**/training.json")]
    assert len(parts) == 9 + 2 + 3 * 4  # frozen models, projector and fusion, reconstructors of three subjects and null
    readme = (CHECKPOINTS / "demo" / "README.md").read_text()
    assert all(str(p.relative_to(CHECKPOINTS / "demo")) in readme for p in parts)


@pytest.mark.parametrize("name", CHECKS)
def test_the_repository_is_in_order(name):
    done = subprocess.run([sys.executable, *CHECKS[name]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_requirements_are_those_of_the_package():
    extras = PROJECT["optional-dependencies"]
    assert _requirements("requirements.txt") == {*PROJECT["dependencies"], *extras["app"]}
    assert _requirements("requirements-dev.txt") == {"-r requirements.txt", *extras["dev"]}


def test_one_version_everywhere():
    assert neuroclips.__version__ == PROJECT["version"]
    assert f"\nversion: {PROJECT['version']}\n" in (ROOT / "CITATION.cff").read_text()


def _requirements(name: str) -> set[str]:
    lines = (ROOT / name).read_text().splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}
