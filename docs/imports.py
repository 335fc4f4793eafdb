"""Draw which room of the package imports which into docs/architecture.md: python docs/imports.py, --check compares."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import fill

import grimp

FILE = Path(__file__).with_name("architecture.md")
BEGIN, END = "<!-- imports: made by python docs/imports.py -->", "<!-- imports end -->"
NEW = f"# Architecture\n\n## Which room imports which\n\n{BEGIN}\n{END}\n"
# What any room may use; arrows to it would hide the others.
ANYWHERE = {"effects", "errors", "types", "paths", "configure", "noise", "files", "media", "once", "parallel"}
ANYWHERE |= {"quiet", "faults", "progress", "ranges"}
Arrows = set[tuple[str, str]]


def rooms() -> Arrows:
    """(importer, imported) among the packages and modules right below neuroclips."""
    graph = grimp.build_graph("neuroclips", cache_dir=None)
    found = {
        (_room(importer), _room(imported))
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    }
    left_out = ANYWHERE | {"neuroclips", "__main__"}
    return {(a, b) for a, b in found if a != b and not {a, b} & left_out}


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def direct(arrows: Arrows) -> Arrows:
    """Without the arrows that a longer way makes superfluous."""
    reach = {a: _reachable(a, arrows) for a, _ in arrows}
    return {(a, b) for a, b in arrows if not any(b in reach.get(c, ()) for x, c in arrows if x == a and c != b)}


def _reachable(start: str, arrows: Arrows) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        here = todo.pop()
        new = {b for a, b in arrows if a == here} - seen
        seen |= new
        todo.extend(new)
    return seen


def block() -> str:
    """The diagram as Mermaid, with its markers."""
    lines = [f"    {a} --> {b}" for a, b in sorted(direct(rooms()))]
    there = sorted(name for name in ANYWHERE if (FILE.parent.parent / "neuroclips" / f"{name}.py").exists())
    note = f"Arrows that follow from others are left out, and so is what any room may use: {', '.join(there)}."
    return "\n".join([BEGIN, "", "```mermaid", "flowchart TD", *lines, "```", "", fill(note, 120), "", END])


def drawn(text: str) -> str:
    """The document with the diagram as it should be between the markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"got {FILE.name} without the lines {BEGIN} and {END}, expected both: put them where the diagram goes")
    return before + block() + after


def main() -> None:
    """Write the diagram, or with --check exit with 1 where the one that is there is out of date."""
    sys.path.insert(0, str(FILE.parent.parent))
    text = FILE.read_text() if FILE.exists() else NEW
    if "--check" not in sys.argv:
        FILE.write_text(drawn(text))
    elif drawn(text) != text:
        sys.exit(f"got an old diagram in docs/{FILE.name}, expected today's: run python docs/imports.py")


if __name__ == "__main__":
    main()
