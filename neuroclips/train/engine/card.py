"""How the shipped weights were trained: training.json beside each of them, and README.md from all.

Weights that no single command made have "made by", in words, in the place of "command"; the rest is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState

from neuroclips.errors import InputError
from neuroclips.files import numbers, whole_file, write_json
from neuroclips.reading import read_json
from neuroclips.train.engine.log import read_log
from neuroclips.train.engine.recipe import Recipe

HEAD = """# Weights of the demo zoo

Small models of the library classes that the paper's pipeline uses, trained by this repository's own commands on
simulated films. Licence: Apache-2.0. This page is written by `python -m neuroclips train`. Where a command has
`--start`, training went on from the weights of the version before; training.json says how those were trained. Scores
are those of validation films, or of held-out web films for the frozen models; no test clip chose anything. Minutes are
of one or two CPU cores, or of the GPU that a row names, as training.json says.

| folder | command | steps | batch | learning rate | loss at the end | minutes | validation | size [MB] |
|---|---|---|---|---|---|---|---|---|
"""
COLUMNS = ("steps", "batch_size", "learning_rate", "loss")  # that every training.json has
HOW = ("command", "made by")  # of which it has one: what was typed, or words for weights that no command made


def record(
    folder: Path,
    words: str,
    recipe: Recipe,
    run_dir: Path,
    scores: dict[str, float],
    start: Path | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Write training.json: command, recipe, loss, time and machine, scores, other facts, and what it started from."""
    before = read_json(start / "training.json", numbers) if start and (start / "training.json").exists() else None
    steps = [line for line in read_log(run_dir) if "loss" in line]
    last = [line["loss"] for line in steps[-50:]]
    card = {"command": f"{_launcher()} neuroclips train {words}", **asdict(recipe), "steps": len(steps)}
    card["loss"] = round(sum(last) / max(1, len(last)), 4)
    if steps:
        seconds, waiting, network = (steps[-1][name] for name in ("seconds", "waiting", "network"))
        card["seconds"] = round(seconds, 1)
        card["share of the time in the network"] = round(network / (network + waiting), 3)  # of the steps
        card["share of the time in steps"] = round((network + waiting) / seconds, 3)  # the rest: validation, saving
        card["hardware"] = _hardware()
    card["scores"] = {name: round(value, 4) for name, value in scores.items()}
    card |= {name: value for name, value in (facts or {}).items() if value}
    if before:
        card["started_from"] = before
    write_json(folder / "training.json", card)


def _launcher() -> str:
    n = PartialState().num_processes  # each draws its own share of a batch, so the number changes the weights
    return f"torchrun --nproc_per_node {n} -m --" if n > 1 else "python -m"


def _hardware() -> str:
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    threads = torch.get_num_threads()
    return f"{threads} thread{'s' if threads > 1 else ''} of a CPU ({torch.backends.cpu.get_cpu_capability()})"


def write_readme(root: Path) -> None:
    """Regenerate the table of every trained part below `root`."""
    rows = [_row(root, path) for path in sorted(root.glob("**/training.json"))]
    with whole_file(root / "README.md") as partial:
        partial.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def _row(root: Path, path: Path) -> str:
    card = _read_card(path)
    size = sum(f.stat().st_size for f in path.parent.rglob("*.safetensors")) / 1e6
    bars = card.get("bars", {})
    scores = ", ".join(
        f"{name} {value:.3f}" + (f" (bar {bars[name]:g})" if name in bars else "")
        for name, value in card.get("scores", {}).items()
    )
    how = f"`{card['command']}`" if "command" in card else card["made by"]
    row = [path.parent.relative_to(root), how, card["steps"], card["batch_size"], card["learning_rate"], card["loss"]]
    row += [f"{(card.get('seconds') or 0) / 60:.0f}", scores or "-", f"{size:.1f}"]
    return "| " + " | ".join(map(str, row)) + " |"


def _read_card(path: Path) -> dict[str, Any]:
    card = read_json(path, numbers)
    lacking = [key for key in COLUMNS if key not in card]
    lacking += [] if set(HOW) & set(card) else [" or ".join(HOW)]
    if lacking:
        raise InputError(f"{path}: got a record without {', '.join(lacking)}, expected one that training wrote")
    return card
