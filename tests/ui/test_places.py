"""A cache folder that takes nothing is told in one line when the app starts (tests/test_pack_space.py: a good one)."""

import os
import subprocess
import sys

import pytest

from neuroclips.paths import ROOT


def start(cache) -> subprocess.CompletedProcess:
    env = os.environ | {"NEUROCLIPS_CACHE": str(cache)}
    command = [sys.executable, "app.py", "--port", "1"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)


def in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "cache"


@pytest.mark.parametrize("cache", [in_the_way, lambda _: "/proc/cache"], ids=["a file in the way", "not writable"])
def test_a_cache_that_takes_nothing_is_one_line(cache, tmp_path):
    done = start(cache(tmp_path))
    assert done.returncode == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"neuroclips: {cache(tmp_path)}") and "NEUROCLIPS_CACHE" in line


@pytest.fixture
def full_disk(tmp_path):
    """A disk of 64 kB, in memory."""
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("nothing may be mounted here")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_full_disk_is_one_line(full_disk):
    done = start(full_disk)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2 and "No space left on device" in line and "NEUROCLIPS_CACHE" in line
