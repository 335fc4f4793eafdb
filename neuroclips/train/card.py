"""How the shipped weights were trained: training.json beside each of them, and checkpoints/demo/README.md from all."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from neuroclips.paths import CHECKPOINTS, ROOT
from neuroclips.train.loop import Recipe

HEAD = """# Weights of the demo zoo

Small models of the library classes that the paper's pipeline uses, trained by this repository's own commands on
simulated films. Licence: Apache-2.0. This page is written by `python -m neuroclips train`. Where a command has
`--start`, training went on from the weights of the version before; training.json says how those were trained.

| folder | command | steps | batch | learning rate | loss at the end | size [MB] |
|---|---|---|---|---|---|---|
"""


def record(
    folder: Path, stage: str, subject: int | None, recipe: Recipe, run_dir: Path, steps: int | None, start: Path | None
) -> None:
    """Write training.json: the command, the recipe, the mean loss of the last 50 steps, and what it started from."""
    previous = folder / "training.json"
    before = json.loads(previous.read_text()) if start and previous.exists() else None
    lines = (run_dir / "loss.jsonl").read_text().splitlines()[-50:]
    losses = [json.loads(line)["loss"] for line in lines]
    command = f"python -m neuroclips train --stage {stage}" + (f" --subject {subject}" if subject else "")
    command += f" --steps {steps}" if steps else ""
    command += f" --start {_relative(start)}" if start else ""
    card = {"command": command, **asdict(recipe), "loss": round(sum(losses) / max(1, len(losses)), 4)}
    if before:
        card["started_from"] = before
    (folder / "training.json").write_text(json.dumps(card, indent=1))


def _relative(folder: Path) -> Path:
    """Without the part that is only true on one machine; weights that are replaced are in the version before."""
    folder = folder.resolve()
    return folder.relative_to(ROOT) if ROOT in folder.parents else Path(folder.name)


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
