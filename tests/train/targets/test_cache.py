"""Targets are made once, with a key that changes with what makes them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from neuroclips.data.training import ArraysTraining
from neuroclips.train.targets import encoders, targets
from neuroclips.zoo import Part, zoo_named


def test_targets_are_encoded_once_and_go_on_where_they_stopped(few, monkeypatch):
    data = ArraysTraining(few / "data")
    path = next((few / "cache").rglob("*tokens*.npy"))
    before, stamp = targets.tokens(data, zoo_named()), path.stat().st_mtime_ns
    assert isinstance(before, np.memmap) and path.stat().st_mtime_ns == stamp
    seen = []

    def encoder():
        def encode(rows):
            seen.append(rows.start)
            if len(seen) == 20:
                raise KeyboardInterrupt
            return torch.arange(rows.start, rows.stop).float()[:, None]

        return encode

    with pytest.raises(KeyboardInterrupt):
        targets.encoded("count_of_rows", 480, encoder)
    assert not list((few / "cache").rglob("count_of_rows.npy"))
    found = targets.encoded("count_of_rows", 480, encoder)
    assert found[:, 0].tolist() == list(range(480))
    assert seen[20] == 256  # what had been written was not encoded again


def test_the_key_of_a_target_changes_with_the_weights_of_its_encoder(tmp_path):
    part = Part("clip", "open_clip", str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"one")
    first = encoders.weights_key(part)
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert encoders.weights_key(part) != first


def test_the_key_of_a_part_changes_with_its_kind_and_with_its_revision(tmp_path):
    """Tokens of halved and of normal contrast never mix; nor do those of two versions on the hub."""
    parts = [
        Part("clip", kind, source) for kind in ("open_clip", "open_clip halved") for source in (str(tmp_path), "a/b")
    ]
    parts += [replace(parts[1], revision="1"), replace(parts[1], subfolder="clip")]
    assert len({encoders.weights_key(part) for part in parts}) == 6
