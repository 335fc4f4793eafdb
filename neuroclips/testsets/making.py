"""Make what a portion of a test set lacks: finished clips are kept, a clip that fails is named and the rest goes on."""

from __future__ import annotations

import platform
import sys
import time
import traceback
from dataclasses import dataclass, field

from neuroclips import export, machine, run
from neuroclips.disk import expect_room
from neuroclips.faults import explain, tracebacks
from neuroclips.testsets.asked import WHOLE, Batch, ClipSet, Portion
from neuroclips.testsets.batches import Batches
from neuroclips.testsets.manifest import begin, gather
from neuroclips.testsets.receipts import RECEIPT, is_finished, seal
from neuroclips.types import Result
from neuroclips.zoo import load_judges, zoo_named

ROOM = 2 * 2**20  # [bytes], what the files of a clip may take: looked for before it is made for nothing


@dataclass
class Made:
    """What a run made, kept from earlier runs, and failed to make, by clip with the reason."""

    made: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)


def make(order: ClipSet, portion: Portion = WHOLE) -> Made:
    """Make the clips of a portion that are not finished; a line on stderr tells of each.

    Raises InputError when films of other settings are in the folder or a model cannot be loaded, before any is made.
    """
    common = begin(order)
    maker = _Maker(order, portion)
    try:
        maker.run()
    finally:  # also when it is stopped
        gather(order, common)
    return maker.done


class _Maker:
    def __init__(self, order: ClipSet, portion: Portion):
        self.order, self.portion = order, portion
        self.done, self.lacking = Made(), list[int]()
        self.batches = Batches(self._reconstruct)

    def run(self) -> None:
        plan = self.order.batches(self.portion)
        for clip in (clip for batch in plan for clip in batch):
            if is_finished(folder := self.order.folder(clip)):
                self.done.kept.append(clip)
            else:
                (folder / RECEIPT).unlink(missing_ok=True)
                self.lacking.append(clip)
        if self.done.kept:
            print(
                f"{len(self.done.kept)} of {len(self.done.kept) + len(self.lacking)} clips are there", file=sys.stderr
            )
        if not self.lacking:
            return
        _load(self.order)
        self.started, lacking = time.monotonic(), set(self.lacking)
        for batch in plan:
            if lacking & set(batch):
                self._make(batch)

    def _make(self, batch: Batch) -> None:
        """The whole batch is made, so that its clips have the neighbours that they always have; new ones are kept."""
        for clip, result, together in self.batches(batch):
            if clip in self.lacking:
                self._tell(clip, result if isinstance(result, Exception) else self._save(clip, result, together))

    def _reconstruct(self, clips: Batch) -> list[Result]:
        expect_room(self.order.out, ROOM * len(clips), "make room and start again")
        return run.reconstruct_clips(self.order.request, clips, pipeline=self.order.pipeline)

    def _save(self, clip: int, result: Result, together: Batch) -> Exception | None:
        folder, made = self.order.folder(clip), result.reconstruction
        row = {"clip": clip, "seed": made.settings.seed, "frames_sha256": result.summary["frames_sha256"]}
        row |= {"seconds": round(sum(made.seconds.values()), 3), "batch": together}
        row |= {"machine": machine.key(made.precision), "worker": f"{platform.node()}:{self.portion.index}"}
        try:
            export.save(folder, result)
            seal(folder, row)
        except Exception as error:
            return error
        return None

    def _tell(self, clip: int, error: Exception | None) -> None:
        if error:
            if tracebacks.get():
                traceback.print_exception(error)
            self.done.failed[clip] = explain(error)[1].removeprefix("neuroclips: ")
            print(f"clip {clip} failed: {self.done.failed[clip]}", file=sys.stderr)
            return
        self.done.made.append(clip)
        minutes = (time.monotonic() - self.started) / 60
        rate, left = len(self.done.made) / minutes, len(self.lacking) - len(self.done.made) - len(self.done.failed)
        where = f"{len(self.done.made)} of {len(self.lacking)}, {rate:.1f} a minute, {left / rate:.0f} min left"
        print(f"clip {clip} made: {where}", file=sys.stderr)


def _load(order: ClipSet) -> None:
    """Load every model that will be used, so that one that is missing or damaged is no fault of a clip."""
    zoo, pipeline = zoo_named(order.request.zoo), order.pipeline
    for role in zoo.roles(order.request.settings, scored=False):
        pipeline.part(role)
    if run.dataset_of(order.request).info.has_stimuli:
        load_judges(zoo, run.placed(order.request))
