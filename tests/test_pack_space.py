"""A packed Space has what it needs and no more, and its app works from its folder in a fresh environment."""

import os
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

import pytest
import yaml

from neuroclips.paths import ROOT
from tests.test_repository import TRACKED
from tests.test_space import attributes, is_binary

pytestmark = pytest.mark.skipif(not TRACKED, reason="not a git repository")
NOWHERE = "/proc/nowhere"  # where not even root can write

# Run by the fresh environment's Python whenever it starts: notes what is written where.
LISTEN = """
import os, sys
notes = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def listen(event, arguments):
    if event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        os.write(notes, f"{arguments[0]}\\n".encode())
    elif event in ("os.mkdir", "os.rename"):
        os.write(notes, "".join(f"{path}\\n" for path in arguments[:2] if isinstance(path, str)).encode())
sys.addaudithook(listen)
"""


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Path:
    """A packed folder."""
    out = tmp_path_factory.mktemp("space") / "packed"
    command = [sys.executable, ROOT / "scripts" / "pack_space.py", out, "--space", "me/neuroclips"]
    done = subprocess.run(command, cwd=out.parent, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert done.returncode == 0 and "files" in done.stdout, done.stderr
    return out


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """The Python of a fresh environment, which has this one's libraries but not what a checkout has installed."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\nimport listen\n")
    (site / "listen.py").write_text(LISTEN)
    return home / "bin" / "python"


def test_only_what_is_tracked_and_needed_is_packed(space):
    packed = {str(path.relative_to(space)) for path in space.rglob("*") if path.is_file()}
    assert packed <= {*TRACKED, ".gitattributes"}
    assert {"app.py", "LICENSE", "README.md", "requirements.txt", "assets/brain/LICENSE"} <= packed
    assert not {name.split("/")[0] for name in packed} & {"tests", "docs", "benchmarks", "pyproject.toml"}
    head = yaml.safe_load((space / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    address, _, thumbnail = head["thumbnail"].partition("/resolve/main/")
    assert address == "https://huggingface.co/spaces/me/neuroclips" and thumbnail in packed


def test_requirements_leave_to_the_space_what_it_brings(space):
    lines = (space / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [line.partition(">")[0] for line in lines if not line.startswith("#")]
    assert "torch>=2.8,<2.12" in lines and "torchvision" in names
    assert not {"gradio", "spaces"} & set(names)


def test_every_binary_file_is_stored_as_a_large_one(space):
    for command in (["init", "-q"], ["add", "-N", "."]):
        subprocess.run(["git", *command], cwd=space, check=True)
    binary = {name for name in attributes(space, "filter") if is_binary((space / name).read_bytes())}
    large = {name for name, value in attributes(space, "filter").items() if value == "lfs"}
    assert binary and binary == large


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("")
    command = [sys.executable, ROOT / "scripts" / "pack_space.py", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "expected a new or an empty folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_app_runs_from_its_folder_alone_and_writes_into_its_cache_alone(space, python, tmp_path):
    """As on a Space, but with a home where nothing can be written."""
    from gradio_client import Client

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cache, notes, address = tmp_path / "cache", tmp_path / "notes", f"http://127.0.0.1:{port}"
    places = {"HOME": NOWHERE, "NEUROCLIPS_CACHE": str(cache), "NOTES": str(notes), "SPACE_ID": "me/neuroclips"}
    env = places | {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "GRADIO_SERVER_PORT": str(port)}
    with subprocess.Popen([python, "app.py"], cwd=space, env=env, stderr=subprocess.PIPE, text=True) as app:
        try:
            assert "NeuroClips" in body(address, app)
            made = Client(address, verbose=False, download_files=False).predict(
                subject=1, clip=3, api_name="/reconstruct"
            )
            assert made["state"] == "done" and made["scores"]
            with urllib.request.urlopen(made["files"]["video"]) as video:
                assert b"ftyp" in video.read(12)
        finally:
            app.kill()
    written = notes.read_text().splitlines()
    assert any(path.startswith(str(cache)) for path in written)
    assert not [path for path in written if not path.startswith((str(cache), "/dev/"))]


def body(address: str, app: subprocess.Popen) -> str:
    """The page, as soon as it is served."""
    for _ in range(600):
        assert app.poll() is None, app.stderr.read()
        try:
            return urllib.request.urlopen(address, timeout=10).read().decode()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("no page within a minute")
