"""Models are fetched from a hub on this machine by the real library: which files, verified, recorded, gone on with."""

import json
import shutil
from collections import namedtuple
from dataclasses import replace
from functools import partial

import pytest
import torch
from diffusers import AutoencoderKL
from huggingface_hub import constants
from typer.testing import CliRunner

from neuroclips import download, fetched, lock
from neuroclips.cli import app
from neuroclips.doctor import examine
from neuroclips.errors import InputError, MissingError
from neuroclips.parts import Part, Zoo
from neuroclips.pretrained.unclip_checkpoint import convert
from neuroclips.zoo import ZOOS, load_part
from tests.pretrained.sgm import UNET, VAE, lightning, sgm_state, small_unclip
from tests.small_hub import COMMIT, serving

CODEC = Part("codec", "autoencoder", "some/codec", "vae", size=0.1)
WEIGHTS = "vae/diffusion_pytorch_model.safetensors"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub that has an autoencoder among much else; nothing is fetched yet."""
    torch.manual_seed(0)
    home = tmp_path / "hub" / "models" / "some" / "codec"
    AutoencoderKL(block_out_channels=(8,), norm_num_groups=4).save_pretrained(home / "vae")
    for name in ("vae/diffusion_pytorch_model.bin", "vae/diffusion_pytorch_model.fp16.safetensors", "unet/x.bin"):
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(b"0" * 5000)
    (home / "README.md").write_text("read me", encoding="utf-8")
    monkeypatch.setenv("NEUROCLIPS_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    with serving(tmp_path / "hub") as served:
        monkeypatch.setattr(constants, "ENDPOINT", served.address)
        template = served.address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield served


def zoo_of(*parts, name="far"):
    return Zoo(name, parts)


def names(hub):
    return [path for path, _ in hub.asked]


def test_only_the_files_that_are_needed_are_fetched_and_the_model_loads_from_them(hub, tmp_path):
    zoo, said = zoo_of(CODEC, name=f"loads {tmp_path}"), []
    with pytest.raises(MissingError, match="no codec on this machine .*neuroclips download .*--role codec"):
        load_part(zoo, "codec", "cpu")
    assert download.download(zoo, ["codec"], say=said.append) == [CODEC]
    assert sorted(names(hub)) == ["some/codec/vae/config.json", f"some/codec/{WEIGHTS}"]
    assert said == [f"codec: some/codec at {COMMIT[:12]}, 0.00 GB"]
    loaded = load_part(zoo, "codec", "cpu").vae
    there = AutoencoderKL.from_pretrained(hub.root / "models" / "some" / "codec" / "vae")
    assert all(torch.equal(value, loaded.state_dict()[name]) for name, value in there.state_dict().items())
    table = json.loads((tmp_path / "models" / "lock.json").read_text(encoding="utf-8"))
    assert table["some/codec"]["revision"] == COMMIT and set(table["some/codec"]["files"]) == {
        "vae/config.json",
        WEIGHTS,
    }


def test_what_is_there_is_verified_and_not_fetched_again(hub, tmp_path):
    zoo, said = zoo_of(CODEC), []
    download.download(zoo, ["codec"], say=said.append)
    hub.asked.clear()
    assert download.download(zoo, ["codec"], say=said.append) == []
    assert hub.asked == [] and said[-1] == "codec: there, verified"
    path = tmp_path / "models" / "some" / "codec" / WEIGHTS
    path.write_bytes(path.read_bytes()[:-1] + b"!")  # of the same size
    with pytest.raises(InputError, match=f"{path}: got a file of sha256 .* which was fetched first"):
        download.download(zoo, ["codec"], say=said.append)
    path.write_bytes(path.read_bytes()[:-1])
    assert not fetched.is_there(CODEC) and download.download(zoo, ["codec"], say=said.append) == [CODEC]


def test_a_download_that_broke_off_goes_on_where_it_was(hub, tmp_path, monkeypatch):
    size = (hub.root / "models" / "some" / "codec" / WEIGHTS).stat().st_size
    whole = hub.root / "models" / "some" / "codec" / WEIGHTS
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    hub.cut[whole.name] = size // 2
    try:
        download.download(zoo_of(CODEC), ["codec"], say=print)
    except MissingError as error:
        assert "goes on where it was" in str(error) and "\n" not in str(error)
        download.download(zoo_of(CODEC), ["codec"], say=print)
    ranges = [asked for path, asked in hub.asked if path.endswith(WEIGHTS)]
    assert ranges[0] == "" and ranges[-1].startswith("bytes=") and len(ranges) == 2
    assert (tmp_path / "models" / "some" / "codec" / WEIGHTS).read_bytes() == whole.read_bytes()


def test_a_file_that_is_not_the_published_one_is_refused_and_removed(hub, tmp_path):
    path = tmp_path / "models" / "some" / "codec" / WEIGHTS
    pinned = replace(CODEC, sha256=((WEIGHTS, "abcd"),))
    with pytest.raises(InputError, match="got a file of sha256 .*, expected abcd: it was removed"):
        download.download(zoo_of(pinned), ["codec"], say=print)
    assert not path.exists() and not fetched.is_there(CODEC)
    hub.claims[path.name] = "f" * 64
    with pytest.raises(InputError, match="expected ffffffffffff: it was removed"):
        download.download(zoo_of(CODEC), ["codec"], say=print)
    assert not path.exists()


def test_the_commit_that_was_fetched_first_is_kept_to(hub, tmp_path):
    models = tmp_path / "models"
    lock.add(models, "some/codec", COMMIT, WEIGHTS, 1, "0" * 64)
    with pytest.raises(InputError, match="got a file of sha256 .*, expected 000000000000"):
        download.download(zoo_of(CODEC), ["codec"], say=print)
    lock.add(models, "some/codec", "b" * 40, WEIGHTS, 1, "0" * 64)
    assert lock.read(models, "some/codec").sizes == {WEIGHTS: 1}
    assert not fetched.is_there(replace(CODEC, revision=COMMIT))


def test_weights_in_several_files_come_with_all_of_them(hub):
    home = hub.root / "models" / "some" / "codec" / "vae"
    (home / "diffusion_pytorch_model.safetensors").unlink()
    model = AutoencoderKL(block_out_channels=(8,), norm_num_groups=4)
    model.save_pretrained(home, max_shard_size="20KB")
    shards = sorted(path.name for path in home.glob("*-of-*"))
    assert len(shards) > 1
    zoo = zoo_of(CODEC, name=str(home))
    download.download(zoo, ["codec"], say=print)
    assert {name.rpartition("/")[2] for name in names(hub)} >= set(shards) and load_part(zoo, "codec", "cpu")
    (fetched.home_of(CODEC) / "vae" / shards[0]).unlink()
    assert not fetched.is_there(CODEC)


def test_a_full_disk_is_seen_before_anything_is_fetched(hub, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 10))
    with pytest.raises(InputError, match="got 0.0 GB of free disk, expected .* --role"):
        download.download(zoo_of(CODEC), ["codec"], say=print)
    assert hub.asked == []


def test_what_a_hub_lacks_is_named(hub):
    with pytest.raises(MissingError, match="no unet/config.json in some/codec, expected it for image model"):
        download.download(zoo_of(Part("image model", "unet", "some/codec", "unet")), ["image model"], say=print)
    with pytest.raises(MissingError, match="could not load what there is of nobody/none from the hub"):
        download.download(zoo_of(replace(CODEC, source="nobody/none")), ["codec"], say=print)
    with pytest.raises(InputError, match="got role 'ear', expected one of zoo far: codec"):
        download.download(zoo_of(CODEC), ["ear"], say=print)


@pytest.mark.parametrize("kept", [False, True])
def test_a_checkpoint_is_made_into_folders_once_for_all_parts_of_it(kept, hub, tmp_path, monkeypatch):
    """As SDXL unCLIP's, whose codec is in the same file; of a repository of data."""
    home = hub.root / "datasets" / "some" / "eye"
    home.mkdir(parents=True)
    (home / "one.ckpt").write_bytes(b"1" * 3000)
    made = []

    def convert(file, out):
        made.append(file.read_bytes())
        shutil.copytree(hub.root / "models" / "some" / "codec" / "vae", out / "vae")
        shutil.copytree(hub.root / "models" / "some" / "codec" / "vae", out / "unet")
        (out / "scheduler").mkdir()
        (out / "scheduler" / "scheduler_config.json").write_text("{}", encoding="utf-8")

    monkeypatch.setattr(download, "_converter", lambda name: convert)
    monkeypatch.setitem(download.CONVERTERS, "one.ckpt", ("", 1.0))
    about = {"size": 0.1, "checkpoint": "one.ckpt", "in_dataset": True}
    codec = Part("keyframe codec", "autoencoder", "some/eye", "made/vae", **about)
    zoo = zoo_of(codec, Part("keyframes", "unclip", "some/eye", "made", needs=("keyframe codec",), **about))
    assert fetched.gigabytes(zoo.parts) == 0.1
    download.download(zoo, ["keyframes"], keep_checkpoint=kept, say=print)
    models = tmp_path / "models" / "some" / "eye"
    assert made == [b"1" * 3000] and names(hub) == ["datasets/some/eye/one.ckpt"]
    assert (models / "one.ckpt").exists() == kept and all(fetched.is_there(part) for part in zoo.parts)


def test_another_folder_is_filled_on_request(hub, tmp_path):
    download.download(zoo_of(CODEC), ["codec"], say=print)
    download.download(zoo_of(CODEC), ["codec"], tmp_path / "other", say=print)
    assert (tmp_path / "other" / "some" / "codec" / WEIGHTS).is_file() and (tmp_path / "other" / lock.LOCK).is_file()


def test_the_paper_zoo_comes_as_its_table_says(hub, tmp_path, paper, paper_models, monkeypatch):
    """The tiny one, by the command, from a hub that has it: then doctor finds every model, and each loads."""
    monkeypatch.setenv("NEUROCLIPS_MODELS", str(tmp_path / "models"))
    hub.root = tmp_path / "other hub"
    hub.root.mkdir()
    for kind in ("models", "datasets"):
        (hub.root / kind).symlink_to(paper_models, target_is_directory=True)
    checkpoint = paper_models / paper.part("keyframes").repository / paper.part("keyframes").checkpoint
    torch.save(lightning(sgm_state(*small_unclip())), checkpoint)
    small = partial(convert, dtype=torch.float32, unet=UNET, vae=VAE)
    monkeypatch.setattr(download, "_converter", lambda name: small)
    tiny = replace(paper, parts=tuple(replace(part, sha256=()) for part in paper.parts))
    monkeypatch.setitem(ZOOS, "paper", tiny)
    try:
        done = CliRunner().invoke(app, ["download", "--zoo", "paper"])
    finally:
        checkpoint.unlink()
    assert done.exit_code == 0, done.output
    report = examine(tiny)
    assert all(role.where for role in report.roles if role.needed) and report.to_fetch == 0
    assert {role.role for role in report.roles if not role.where} >= {"clip", "captioner/git"}
    for part in tiny.with_needs(*tiny.roles()):
        assert part.is_local or load_part(replace(tiny, name=f"fetched to {tmp_path}"), part.role, "cpu")
