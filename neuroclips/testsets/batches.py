"""Make clips together, so that a fault is that of one clip and a batch is no larger than memory allows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import torch

from neuroclips.clips import in_batches
from neuroclips.testsets.asked import Batch
from neuroclips.types import Result

Make = Callable[[Batch], list[Result]]


class Batches:
    """Results of batches; those that do not fit into memory are halved from then on."""

    def __init__(self, make: Make):
        self.make, self.most = make, sys.maxsize

    def __call__(self, clips: Batch) -> Iterator[tuple[int, Result | Exception, Batch]]:
        """Each clip with its result, or with what went wrong, and the clips that it was made with.

        Where a batch fails its clips are made one by one.
        """
        if len(clips) > self.most:
            yield from self._in_parts(clips, self.most)
            return
        made = self._attempt(clips)
        if isinstance(made, list):
            yield from ((clip, result, clips) for clip, result in zip(clips, made, strict=True))
        elif len(clips) == 1:
            yield clips[0], made, clips
        elif isinstance(made, torch.OutOfMemoryError):
            self.most = len(clips) // 2
            print(f"a batch of {len(clips)} does not fit into memory: going on with {self.most}", file=sys.stderr)
            yield from self._in_parts(clips, self.most)
        else:
            yield from self._in_parts(clips, 1)

    def _in_parts(self, clips: Batch, size: int) -> Iterator[tuple[int, Result | Exception, Batch]]:
        for part in in_batches(clips, size):
            yield from self(part)

    def _attempt(self, clips: Batch) -> list[Result] | Exception:
        try:
            return self.make(clips)
        except Exception as error:
            failed = error
        if isinstance(failed, torch.OutOfMemoryError):
            failed = type(failed)(*failed.args)  # without the frames that keep the tensors of the batch
            torch.cuda.empty_cache()
        return failed
