"""HTML and SVG in which text is always escaped."""

from __future__ import annotations

from html import escape


class Markup(str):
    """What is markup already."""


def tag(name: str, /, *inner: object, **attributes: object) -> Markup:
    """An element; what is inside is escaped unless it is Markup, None and empty texts are left out.

    An attribute loses a last underscore (`class_`), its other underscores become hyphens; one that is None is left out.
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in ("img", "meta", "br", "line", "circle", "rect", "path", "polyline", "polygon") and not inner:
        return Markup(f"<{name}{told}/>")
    return Markup(f"<{name}{told}>{joined(*inner)}</{name}>")


def joined(*parts: object) -> Markup:
    """Parts one behind the other."""
    there = (part for part in parts if part is not None)
    return Markup("".join(part if isinstance(part, Markup) else escape(str(part)) for part in there))
