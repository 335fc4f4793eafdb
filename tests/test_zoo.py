"""The table of zoos: every role of either, loaded when it is asked for, from folders that are there."""

import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from neuroclips import zoo
from neuroclips.errors import InputError, MissingError
from neuroclips.fetched import files_of
from neuroclips.once import MODELS
from neuroclips.paths import ROOT
from neuroclips.pipeline import load_pipeline
from neuroclips.types import Settings
from neuroclips.zoo import KINDS, ZOOS, Part, load_part, zoo_named


def test_both_zoos_have_every_role_of_a_kind_that_is_known():
    roles = {name: {part.role for part in table.parts} for name, table in ZOOS.items()}
    own = {"frame judge/own shots"}  # that of the paper zoo shares no picture with what paints
    assert roles["demo"] - own <= roles["paper"] and "keyframe codec" in roles["paper"] - roles["demo"]
    for table in ZOOS.values():
        assert len(table.parts) == len({part.role for part in table.parts}) and table.captioners == ("blip2", "git")
        for part in table.parts:
            assert part.kind in KINDS and part.licence and set(part.needs) <= roles[table.name]
            beside = part.role in ("video", "keyframe codec", "ltx codec")  # has no files, or those of another part
            assert part.is_local or part.size > 0 or beside  # what is fetched says how much it is
            assert part.is_local or files_of(part) or part.role == "video"
            assert part.revision is None or re.fullmatch("[0-9a-f]{40}", part.revision)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_loader(kind):
    assert callable(zoo._loader(kind))


def test_the_demo_zoo_loads_every_part():
    demo = zoo_named()
    for part in demo.parts:
        model = (
            load_part(demo, part.role, subject=1)
            if "{subject}" in (part.subfolder or "")
            else load_part(demo, part.role)
        )
        assert isinstance(model, torch.nn.Module) and not any(p.requires_grad for p in model.parameters())
    assert load_part(demo, "codec") is load_part(demo, "codec")


def test_unknown_names_say_what_exists():
    with pytest.raises(InputError, match="got zoo 'big', expected one of: demo, paper"):
        zoo_named("big")
    with pytest.raises(InputError, match="got role 'ear', expected one of zoo demo: clip, codec"):
        load_part(zoo_named(), "ear")


def test_what_is_missing_is_named(tmp_path):
    empty = replace(zoo_named(), parts=(Part("codec", "autoencoder", str(tmp_path), "codec"),))
    with pytest.raises(MissingError, match="no codec in .*codec; in .* there are: nothing"):
        load_part(empty, "codec")


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
FILES = {  # of parts whose libraries read them differently
    "clip": ("open_clip_config.json", "open_clip_model.safetensors"),
    "codec": ("config.json", "diffusion_pytorch_model-00001-of-00002.safetensors"),
    "frame judge": ("config.json", "model.safetensors"),
    "video": ("scheduler/scheduler_config.json", None),
}
DAMAGES = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "pointer": lambda path: path.write_bytes(LFS),
    "empty": lambda path: path.write_bytes(b""),
    "gone": lambda path: path.unlink(),
}


def copy_of(role, tmp_path):
    """A zoo of the demo zoo's part of this role, to be damaged; what it needs is the demo zoo's."""
    part, demo = zoo_named().part(role), zoo_named()
    shutil.copytree(part.folder, tmp_path / part.subfolder)
    others = (replace(p, source=str(tmp_path)) if p.role == role else p for p in demo.parts)
    return replace(demo, name=f"damaged in {tmp_path}", parts=tuple(others)), tmp_path / part.subfolder


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(("role", "which"), [(r, w) for r, files in FILES.items() for w in files if w])
def test_a_damaged_file_of_a_frozen_model_is_named_in_one_line(role, which, damage, tmp_path):
    broken, folder = copy_of(role, tmp_path)
    DAMAGES[damage](folder / which)
    with pytest.raises(InputError, match=str(folder)) as raised:
        load_part(broken, role, "cpu")
    assert "\n" not in str(raised.value) and (damage == "gone" or which in str(raised.value))


@pytest.mark.parametrize("role", ["codec", "frame judge", "captioner/git"])
def test_a_weight_that_is_lost_or_not_finite_is_not_replaced_by_chance(role, tmp_path):
    """Transformers fills what its file lacks with random numbers."""
    broken, folder = copy_of(role, tmp_path)
    path = sorted(folder.glob("*.safetensors"))[0]
    state = load_file(path)
    lost = max((key for key in state if state[key].ndim > 1), key=lambda key: state[key].numel())
    save_file({key: value for key, value in state.items() if key != lost}, path, metadata={"format": "pt"})
    with pytest.raises(InputError, match=f"{folder}: got weights without "):
        load_part(broken, role, "cpu")
    save_file(state | {lost: state[lost] * torch.nan}, path, metadata={"format": "pt"})
    with pytest.raises(InputError, match=f"{folder}: got numbers in .* that are not finite"):
        load_part(broken, role, "cpu")


def test_what_is_not_there_is_told_with_the_command_that_fetches_it(monkeypatch, tmp_path):
    """Of the paper zoo nothing is on this machine, and nothing is fetched unasked."""
    monkeypatch.setenv("NEUROCLIPS_MODELS", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    says = (
        r"^zoo paper has no codec on this machine \(no stable.*; 0.33 GB, Creative.*download --zoo paper --role codec,"
    )
    with pytest.raises(MissingError, match=says):
        load_part(zoo_named("paper"), "codec", "cpu")


def test_only_what_a_reconstruction_needs_is_loaded(data):
    """Without keyframe and caption, neither their models nor the other captioner are read."""
    demo = replace(zoo_named(), name="lazy")  # a zoo of its own, so that nothing is loaded yet
    pipeline, asked = load_pipeline(demo), []
    part = pipeline.part
    pipeline.part = lambda role: (asked.append(role), part(role))[1]
    settings = Settings(guidance=replace(Settings().guidance, beta=False), video_steps=2)
    pipeline(data.sample(1, 0), settings)
    assert set(asked) == {"codec", "video"}
    pipeline(data.sample(1, 0), replace(settings, guidance=Settings().guidance, captioner="git"))
    assert set(asked) == {"codec", "video", "keyframes", "clip", "captioner/git"}  # CLIP sees which draw is nearest


def test_the_table_is_read_without_a_model_library():
    """What the page and the help need of it comes up at once."""
    heavy = "{'diffusers', 'transformers', 'open_clip'}"
    code = f"import sys; import neuroclips.zoo; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("ask", [lambda pipeline: pipeline.part("codec"), lambda pipeline: pipeline.subjects(1)])
def test_nothing_is_loaded_beside_a_library_that_loads_a_model(pipeline, ask):
    """It changes how every module is made meanwhile: those of another thread would be left without numbers."""
    asking = threading.Thread(target=ask, args=(pipeline,), daemon=True)
    with MODELS:
        asking.start()
        asking.join(0.1)
        assert asking.is_alive()
    asking.join(60)
    assert not asking.is_alive()
