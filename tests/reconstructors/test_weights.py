"""Files of weights keep the precision that they are given; what is loaded is float32."""

import pytest
import torch
from safetensors.torch import load_file

from neuroclips import files
from neuroclips.errors import MissingError
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.import_checkpoint import import_checkpoint
from neuroclips.reconstructors.projector import ProjectorConfig
from neuroclips.reconstructors.released import ReleasedPerceptionConfig


def stored(folder):
    return load_file(folder / "model.safetensors")


@pytest.mark.parametrize("dtype", list(weights.DTYPES.values()))
def test_weights_are_stored_as_asked_and_loaded_as_float32_exactly(tmp_path, dtype):
    model = ProjectorConfig(clip_dim=32, embed_dim=8).build()
    torch.nn.init.normal_(model.proj)
    weights.save(model, tmp_path, dtype)
    assert stored(tmp_path)["proj"].dtype == dtype
    loaded = weights.load(tmp_path).proj
    assert loaded.dtype == torch.float32 and torch.equal(loaded, model.proj.to(dtype).float())
    assert weights.load(tmp_path, dtype=torch.bfloat16).proj.dtype == torch.bfloat16


def test_without_a_dtype_weights_are_stored_as_they_are(tmp_path):
    model = ProjectorConfig(clip_dim=32, embed_dim=8).build().double()
    weights.save(model, tmp_path)
    assert torch.equal(stored(tmp_path)["proj"], model.proj)


def test_an_imported_perception_reconstructor_decodes_what_it_did(tmp_path):
    """In float32, the released network of random weights and what is loaded of its import give equal latents."""
    small = {"start_channels": 8, "start_side": 3, "channels": (32, 32, 32), "maps_dim": 16, "latent_channels": 8}
    torch.manual_seed(0)
    model = ReleasedPerceptionConfig(hidden_dim=12, extension_dim=7, n_blocks=2, **small).build(40).eval()
    torch.save(model.state_dict(), tmp_path / "last.pth")
    voxels = torch.randn(3, 40)
    import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "theirs")
    loaded = weights.load(tmp_path / "theirs" / "subject1" / "perception")
    with torch.no_grad():
        assert torch.equal(loaded(voxels), model(voxels))
    import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "half", dtype=torch.float16)
    files = stored(tmp_path / "half" / "subject1" / "perception")
    assert {x.dtype for x in files.values() if x.is_floating_point()} == {torch.float16}
    assert weights.dtype_named("bfloat16") is torch.bfloat16
    with pytest.raises(ValueError, match="got dtype .int8., expected one of: float32"):
        weights.dtype_named("int8")


def test_a_config_is_never_beside_the_weights_of_another_network(tmp_path, monkeypatch):
    """A full disk leaves both as they were; who is killed between the two leaves no config, which is then missed."""
    small, large = (ProjectorConfig(clip_dim=n, embed_dim=8).build() for n in (16, 32))
    weights.save(small, tmp_path)

    def full(path, value):
        raise OSError("No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(weights, "write_json", full)
        weights.save(large, tmp_path)
    assert weights.load(tmp_path).proj.shape == small.proj.shape
    real = files.Path.replace

    def killed(path, target):
        if target == tmp_path / "config.json":
            raise KeyboardInterrupt
        return real(path, target)

    monkeypatch.setattr(files.Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        weights.save(large, tmp_path)
    with pytest.raises(MissingError, match="no config.json beside"):
        weights.load(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
