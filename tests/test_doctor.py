"""What doctor tells: models that are there and that are not, what the machine has, and the one next command."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from huggingface_hub import constants
from typer.testing import CliRunner

from neuroclips import doctor, lock
from neuroclips.cli import app
from neuroclips.errors import MissingError
from neuroclips.fetched import expect_models, files_of
from neuroclips.paths import ROOT
from neuroclips.types import Request
from neuroclips.zoo import RECONSTRUCTORS, zoo_named

TABLE = "0, NVIDIA H100 80GB HBM3, 81559, 80994, 9.0\n1, Tesla T4, 15360, 15000, 7.5\n"


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """A machine without models, whose folder of models this is."""
    monkeypatch.setenv("NEUROCLIPS_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "models"


def put(home, part):
    """Empty files of the names that a part has."""
    for name in files_of(part):
        path = home / part.repository / name.partition("|")[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}")


def test_the_demo_zoo_can_run():
    done = CliRunner().invoke(app, ["doctor", "--zoo", "demo"])
    assert done.exit_code == 0
    assert done.output.splitlines()[-1] == "next: neuroclips reconstruct --subject 1 --clip 0"


def test_what_is_missing_is_told_and_what_to_do(nowhere):
    done = CliRunner().invoke(app, ["doctor", "--zoo", "paper"])
    assert done.exit_code == 2
    lines = done.output.splitlines()
    assert lines[-1] == "next: neuroclips download --zoo paper"
    row = next(line for line in lines if line.startswith("captioner/blip2"))
    assert "MISSING" in row and "15.0 GB, MIT, Salesforce/blip2-opt-2.7b at 51572668da0e" in row
    assert "not needed" in next(line for line in lines if line.startswith("captioner/git"))
    assert any(line.startswith(f"models in {nowhere}: ") and "GB of disk free" in line for line in lines)


def test_what_is_there_is_told_with_its_place_in_either_folder(nowhere, tmp_path):
    paper = zoo_named("paper")
    needed = [part for part in paper.with_needs(*paper.roles()) if part.role not in ("frame judge", "codec")]
    for part in needed:
        put(nowhere, part)
    judge, codec = paper.part("frame judge"), paper.part("codec")
    snapshot = tmp_path / "cache" / f"models--{judge.source.replace('/', '--')}" / "snapshots" / judge.revision
    put(snapshot.parent, replace(judge, source=judge.revision))
    report = doctor.examine(paper)
    there = {role.role: role.where for role in report.roles}
    assert there["frame judge"] == str(snapshot) and there["keyframes"] == str(nowhere / "pscotti/mindeyev2")
    assert there["codec"] == "" and not report.can_run
    assert report.next == "neuroclips download --zoo paper --role codec"
    put(nowhere, codec)
    report = doctor.examine(paper)
    assert report.next.startswith("neuroclips train") and not report.can_run and report.to_fetch == 0
    lock.add(nowhere, codec.repository, codec.revision, "vae/config.json", 5000, "0" * 64)
    assert doctor.examine(paper).next == "neuroclips download --zoo paper --role codec"  # cut since it was fetched


def test_a_zoo_with_all_models_and_a_subject_can_run(nowhere, tmp_path):
    paper = zoo_named("paper")
    own = tuple(
        replace(part, source=str(tmp_path / "own")) if part.role in RECONSTRUCTORS else part for part in paper.parts
    )
    for part in own:
        part.of(2).folder.mkdir(parents=True) if part.role in RECONSTRUCTORS else None
        put(nowhere, part) if not part.is_local else None
    report = doctor.examine(replace(paper, parts=own))
    assert report.can_run and report.reconstructors == (2,)
    assert report.next == "neuroclips reconstruct --zoo paper --subject 2 --clip 0"


@pytest.mark.parametrize(("dataset", "scored"), [("simulated", True), ("cc2017", False)])
def test_judges_are_asked_for_where_there_are_frames_to_compare_with(nowhere, tmp_path, dataset, scored):
    about = {"subject": "subject1", "films": ["test1"], "n_voxels": 3, "tr": 2.0, "dataset": dataset}
    (home := tmp_path / "made" / "subject1").mkdir(parents=True)
    (home / "meta.json").write_text(json.dumps(about), encoding="utf-8")
    for source in (home, home.parent):
        with pytest.raises(MissingError) as raised:
            expect_models(Request(1, 0, zoo="paper", dataset="preprocessed", source=source))
        assert ("frame judge" in str(raised.value)) == scored and "keyframes" in str(raised.value)


def test_json_says_the_same(nowhere):
    done = CliRunner().invoke(app, ["doctor", "--zoo", "paper", "--json"])
    said = json.loads(done.output)
    assert done.exit_code == 2 and {role["role"] for role in said["roles"]} >= {"clip", "video", "captioner/git"}
    assert said["libraries"]["torch"] and said["to_fetch"] > 40 and said["disk_free"] > 0 and said["ram"] > 0


def test_accelerators_are_those_that_torch_would_see(monkeypatch):
    both = doctor._seen(TABLE, None)
    assert [(g.device, g.name, g.bfloat16) for g in both] == [
        ("cuda:0", "NVIDIA H100 80GB HBM3", True),
        ("cuda:1", "Tesla T4", False),
    ]
    assert round(both[0].total, 1) == 85.5 and round(both[1].free, 1) == 15.7
    assert [(g.device, g.name) for g in doctor._seen(TABLE, "1")] == [("cuda:0", "Tesla T4")]
    assert doctor._seen(TABLE, "") == doctor._seen(TABLE, "-1") == doctor._seen("", None) == ()


@pytest.mark.parametrize(
    ("said", "visible"), [(TABLE, "GPU-8932f937"), (TABLE, "MIG-1a2b,0"), ("0, GB10, [N/A], [N/A], 12.1\n", "0")]
)
def test_what_nvidias_tool_does_not_tell_is_asked_of_torch(monkeypatch, said, visible):
    monkeypatch.setattr(doctor.subprocess, "run", lambda *args, **more: SimpleNamespace(stdout=said))
    monkeypatch.setattr(doctor, "_of_torch", lambda: "torch's")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert doctor._nvidia() == "torch's"


def test_the_mode_is_that_of_the_accelerator(monkeypatch, nowhere):
    for place, dtype, memory in (("0", "bfloat16", "whole"), ("1", "float16", "in turn")):
        monkeypatch.setattr(doctor, "accelerators", lambda place=place: doctor._seen(TABLE, place))
        report = doctor.examine(zoo_named("paper"))
        assert (report.device, report.dtype, report.memory) == ("cuda:0", dtype, memory)
        assert f"computes on cuda:0 in {dtype}, memory '{memory}'" in "\n".join(report.lines())


def test_it_comes_at_once_and_without_torch():
    code = "import sys; from neuroclips.doctor import examine; from neuroclips.zoo_table import zoo_named\n"
    code += "examine(zoo_named('paper')); print('torch' in sys.modules)"
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert time.monotonic() - started < 3 or done.stdout.strip() == "True"
    assert doctor.accelerators() or done.stdout.strip() == "False"
