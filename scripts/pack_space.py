#!/usr/bin/env python3
"""Make a folder that is a Hugging Face Space as it stands: python scripts/pack_space.py OUT [--space OWNER/NAME]

What git tracks and the app needs at run time, nothing else; docs/space.md says what to do with it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TAKEN = (
    "app.py",
    "LICENSE",
    "CITATION.cff",
    "neuroclips/",
    "checkpoints/demo/",
    "assets/brain/",
    "assets/evaluation/",
    "assets/lesions/",
    "assets/loop/",
    "assets/precomputed/",
    "assets/simulated/",
    "assets/sprites/",
)
# What a Space brings itself: gradio by the sdk_version of the README. ZeroGPU has these versions of torch at most.
REQUIRED = {"gradio": None, "torch": "torch>=2.8,<2.12"}
MOST_FILES = 10_000  # in one folder, on the hub
LARGE = "filter=lfs diff=lfs merge=lfs -text"  # without it a push of any binary file is refused


def tracked() -> list[str]:
    """Names of the files that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        raise SystemExit(f"pack_space: {ROOT}: got no git repository, expected a clone: what is packed is what it has")
    return listed.stdout.split("\0")[:-1]


def needed(names: list[str], readme: str) -> list[str]:
    """Those of them that are copied as they are: what is read at run time, and the pictures of the README."""
    return [name for name in names if name.startswith(TAKEN) or (name.startswith("assets/readme/") and name in readme)]


def requirements(text: str) -> str:
    """requirements.txt with what a Space needs otherwise."""
    lines = []
    for line in text.splitlines():
        name = line.partition(">")[0].strip()
        lines.append(REQUIRED.get(name, line))
    return "\n".join(line for line in lines if line is not None) + "\n"


def attributes(text: str) -> str:
    """.gitattributes whose binary kinds are stored as large files."""
    kinds = [line.split()[0] for line in text.splitlines() if line.endswith(" binary")]
    return "".join(f"{kind} {LARGE}\n" for kind in kinds)


def with_thumbnail(readme: str, space: str) -> str:
    """The README whose thumbnail has the address that it will have in a Space "OWNER/NAME"."""
    address = f"https://huggingface.co/spaces/{space}/resolve/main/"
    return readme.replace("\nthumbnail: ", f"\nthumbnail: {address}", 1)


def pack(out: Path, space: str | None = None) -> list[Path]:
    """Write the folder and return its files. Raises SystemExit for a folder in which there is something."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SystemExit(f"pack_space: {out}: got a folder or file in use, expected a new or an empty folder")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in needed(tracked(), readme):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, out / name)
    texts = {
        "README.md": with_thumbnail(readme, space) if space else readme,
        "requirements.txt": requirements((ROOT / "requirements.txt").read_text(encoding="utf-8")),
        ".gitattributes": attributes((ROOT / ".gitattributes").read_text(encoding="utf-8")),
    }
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    return sorted(path for path in out.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, help="a new or an empty folder")
    parser.add_argument("--space", metavar="OWNER/NAME", help="where it will be, for the address of its thumbnail")
    options = parser.parse_args()
    files = pack(options.out, options.space)
    folder, most = Counter(path.parent for path in files).most_common(1)[0]
    size = sum(path.stat().st_size for path in files)
    print(f"{options.out}: {len(files):,} files, {size / 1e6:.1f} MB")
    if most > MOST_FILES:
        sys.exit(f"pack_space: {folder}: got {most:,} files, expected at most {MOST_FILES:,} in one folder")


if __name__ == "__main__":
    main()
