"""How the shipped weights were trained: training.json beside each of them, and checkpoints/demo/README.md from all."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from neuroclips.paths import CHECKPOINTS
from neuroclips.train.loop import Recipe

START = "the weights that were there before"
HEAD = """# Weights of the demo zoo

Small models of the library classes that the paper's pipeline uses, trained by this repository's own commands on
simulated films. Licence: Apache-2.0. This page is written by `python -m neuroclips train`.

| folder | command | steps | batch | learning rate | loss at the end | size [MB] |
|---|---|---|---|---|---|---|
"""


def record(folder: Path, stage: str, subject: int | None, recipe: Recipe, run_dir: Path, started: bool = False) -> None:
    """Write training.json: the command, the recipe, the mean loss of the last 50 steps, and what it started from."""
    previous = folder / "training.json"
    before = json.loads(previous.read_text()) if started and previous.exists() else None
    lines = (run_dir / "loss.jsonl").read_text().splitlines()[-50:]
    losses = [json.loads(line)["loss"] for line in lines]
    command = f"python -m neuroclips train --stage {stage}" + (f" --subject {subject}" if subject else "")
    command += f" --start {START}" if started else ""
    card = {"command": command, **asdict(recipe), "loss": round(sum(losses) / max(1, len(losses)), 4)}
    if before:
        card["started_from"] = before
    (folder / "training.json").write_text(json.dumps(card, indent=1))


def write_readme(root: Path = CHECKPOINTS / "demo") -> None:
    """Regenerate the table of every trained part below `root`."""
    rows = []
    for path in sorted(root.glob("**/training.json")):
        card = json.loads(path.read_text())
        size = sum(f.stat().st_size for f in path.parent.rglob("*.safetensors")) / 1e6
        rows.append(
            f"| {path.parent.relative_to(root)} | `{card['command']}` | {card['steps']} | {card['batch_size']} "
            f"| {card['learning_rate']} | {card['loss']} | {size:.1f} |"
        )
    (root / "README.md").write_text(HEAD + "\n".join(rows) + "\n")
