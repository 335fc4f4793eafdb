"""Which words of one's own a zoo's text encoder reads, so that it is told before a film is made of them.

Nothing heavy is imported here: the page says it while somebody types.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from neuroclips.reading import read_json
from neuroclips.zoo import Zoo

MARKS = 2  # that a tokenizer puts around a sentence: where it begins and where it ends


@dataclass(frozen=True)
class Vocabulary:
    """The words that an encoder knows, and how many of a sentence it reads."""

    words: tuple[str, ...]
    most: int

    def unread(self, sentence: str) -> list[str]:
        """The words of a sentence that say nothing to the encoder: unknown ones, and those behind the last it reads."""
        said = sentence.split()
        return [word for place, word in enumerate(said) if place >= self.most or word not in self.words]


def vocabulary(zoo: Zoo) -> Vocabulary | None:
    """Of a shipped encoder of whole words; None for one that spells what it does not know, as CLIP's of the hub do."""
    part = zoo.part("text encoder")
    return _of_folder(part.folder) if part.is_local else None


@cache
def _of_folder(folder) -> Vocabulary | None:
    model = read_json(folder / "tokenizer.json")["model"]
    if model["type"] != "WordLevel":
        return None
    length = read_json(folder / "open_clip_config.json")["model_cfg"]["text_cfg"]["context_length"]
    return Vocabulary(tuple(sorted(word for word in model["vocab"] if not word.startswith("<"))), length - MARKS)
