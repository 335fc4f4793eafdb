"""The wheel works where no repository is: console command, shipped files, declared dependencies, one clip."""

import ast
import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import Distribution, packages_distributions
from pathlib import Path

import pytest

from neuroclips.paths import ROOT, in_checkout, runs_dir, shipped

PACKAGE = ROOT / "neuroclips"


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The bin folder of a fresh environment with the wheel in it; other libraries come from this environment."""
    home = tmp_path_factory.mktemp("install")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", home, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = home.glob("*.whl")
    venv.create(home / "venv", with_pip=False)
    python = home / "venv" / "bin" / "python"
    where = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True
    )
    site = Path(where.stdout.decode().strip())
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(pip, check=True, capture_output=True)
    return python.parent


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess:
    """Run outside the repository, as a user would."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"HF_HUB_OFFLINE": "1"}
    return subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True)


@pytest.mark.slow
def test_the_console_command_reconstructs_a_clip(installed, tmp_path):
    options = ["reconstruct", "--subject", 1, "--clip", 4, "--out", "out", "--json"]
    done = run(installed / "neuroclips", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["subject"], summary["clip"], summary["dataset"]) == (1, 4, "simulated")
    assert json.loads((tmp_path / "out" / "reconstruction.json").read_text()) == summary
    assert (tmp_path / "out" / "video.mp4").stat().st_size > 1000


@pytest.mark.slow
def test_shipped_files_are_found_inside_the_package(installed, tmp_path):
    code = """
import neuroclips.paths as p, neuroclips.ui.web, neuroclips.ui.flatmap
from neuroclips.simulation.sprites import OBJECTS, proportions
assert all(max(proportions(name)) == 1 for name in OBJECTS)
assert p.PACKAGE in p.ASSETS.parents and p.PACKAGE in p.CHECKPOINTS.parents, p.ASSETS
assert not p.in_checkout() and p.cache_dir("runs") == p.runs_dir()
assert not (p.ASSETS / "readme").exists()
print(p.PACKAGE)
"""
    done = run(installed / "python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(installed.parent)
    assert "reconstruct" in run(installed / "python", "-m", "neuroclips", "--help", cwd=tmp_path).stdout


@pytest.mark.slow
def test_every_imported_library_is_a_declared_dependency(installed):
    (info,) = installed.parent.glob("lib/python*/site-packages/neuroclips-*.dist-info")
    declared = {_plain(re.match(r"[\w.-]+", line)[0]) for line in Distribution.at(info).requires}
    homes = packages_distributions()
    for name in sorted(_third_party(PACKAGE)):
        assert declared & {_plain(home) for home in homes[name]}, f"{name} is imported but not declared"


def test_folders_of_a_checkout_and_of_an_installation(tmp_path, monkeypatch):
    assert in_checkout() and runs_dir("a") == ROOT / "runs" / "a"
    (tmp_path / "neuroclips" / "assets").mkdir(parents=True)
    assert shipped("assets", tmp_path / "neuroclips") == tmp_path / "neuroclips" / "assets"
    assert shipped("checkpoints", tmp_path / "neuroclips") == tmp_path / "checkpoints"
    assert not in_checkout(tmp_path / "neuroclips")


def _third_party(package: Path) -> set[str]:
    """Top-level names of what is imported anywhere in the package, but for itself and Python's own."""
    found: set[str] = set()
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"neuroclips"}


def _plain(name: str) -> str:
    """A distribution's name in the form in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()
