"""What a Hugging Face Space reads: the head of the README, requirements, how kinds of files are stored."""

import re
import subprocess
from importlib.metadata import version

import pytest
import yaml
from packaging.requirements import Requirement

from neuroclips.paths import ROOT
from tests.test_repository import PROJECT, TRACKED

HEAD = yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("---\n")[1])
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
ON_ZERO_GPU = ("2.8.0", "2.9.1", "2.10.0", "2.11.0")  # versions of torch
NEEDED = {Requirement(line).name: Requirement(line) for line in PROJECT["dependencies"]}
NEEDED["gradio"] = Requirement(PROJECT["optional-dependencies"]["app"][0])


def test_the_head_of_the_readme_is_what_a_space_reads():
    assert HEAD["sdk"] == "gradio" and (ROOT / HEAD["app_file"]).is_file()
    assert {HEAD["colorFrom"], HEAD["colorTo"]} <= COLOURS and len(HEAD["emoji"]) == 1
    assert 0 < len(HEAD["short_description"]) <= 60
    assert HEAD["license"] == PROJECT["license"].lower()
    assert (ROOT / HEAD["thumbnail"]).is_file()
    assert len(HEAD["tags"]) > 3 and all(re.fullmatch(r"[a-z0-9-]+", tag) for tag in HEAD["tags"])
    assert HEAD["suggested_hardware"] in ("zero-a10g", "cpu-basic")
    assert re.fullmatch(r"\d+[mh]", HEAD["startup_duration_timeout"])
    assert HEAD["hf_oauth"] is True and "hf_oauth_scopes" not in HEAD  # who somebody is, and nothing more


def test_versions_of_the_head_are_those_that_are_required():
    assert HEAD["sdk_version"] in NEEDED["gradio"].specifier
    assert version("gradio") in NEEDED["gradio"].specifier
    assert f"{HEAD['python_version']}.0" in Requirement(f"python{PROJECT['requires-python']}").specifier
    assert HEAD["python_version"] == "3.12"  # the only one of ZeroGPU's that we run on


def test_requirements_leave_what_a_space_has():
    assert all(each in NEEDED["torch"].specifier for each in ON_ZERO_GPU)
    assert "6.24" not in NEEDED["gradio"].specifier and "7.0" not in NEEDED["gradio"].specifier
    assert "2.4.0" in NEEDED["huggingface_hub"].specifier and "3.0" not in NEEDED["huggingface_hub"].specifier
    assert "spaces" not in NEEDED  # a Space brings its own


@pytest.mark.skipif(not TRACKED, reason="not a git repository")
def test_every_binary_file_is_marked_as_such_and_none_needs_large_file_storage():
    binary = {name for name in TRACKED if (ROOT / name).is_file() and is_binary((ROOT / name).read_bytes())}
    marked = attributes(ROOT, "binary")
    assert binary and {name for name, value in marked.items() if value == "set"} == binary
    assert set(attributes(ROOT, "filter").values()) == {"unspecified"}


def is_binary(content: bytes) -> bool:
    return b"\0" in content[:8000]  # as git finds out


def attributes(folder, name: str) -> dict[str, str]:
    """What .gitattributes says of each tracked file."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=folder, capture_output=True, check=True).stdout
    command = ["git", "check-attr", "-z", "--stdin", name]
    said = subprocess.run(command, cwd=folder, input=names, capture_output=True, check=True).stdout.decode()
    fields = said.split("\0")[:-1]
    return dict(zip(fields[::3], fields[2::3], strict=True))
