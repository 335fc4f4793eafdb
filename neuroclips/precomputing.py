"""Make the precomputed films of the shipped clips: a batch at a time, beside what is there already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from neuroclips import machine, precomputed, run
from neuroclips.data.base import check
from neuroclips.data.registry import load_dataset
from neuroclips.disk import expect_folder
from neuroclips.errors import InputError, MissingError
from neuroclips.export import PERCEPTION_FPS
from neuroclips.files import from_json, one_at_a_time, rounded, to_json, whole_file
from neuroclips.media import SMALL, write_image, write_video
from neuroclips.paths import cache_dir
from neuroclips.pipeline import load_pipeline
from neuroclips.precomputed import CAPTIONER, FILMS, GUIDANCES, Rows, name_of
from neuroclips.types import Guidance, Request, Result, Step
from neuroclips.zoo import best_device, zoo_named

BATCH = 10  # clips together on an accelerator; one on a CPU, where films are then those of a live run to the bit
KEYFRAME = {"quality": 90, "method": 6}  # of WebP


def precompute(subject: int, clips: Collection[int], guidances: bool = False) -> Path:
    """Make the film of each clip with seed 0 and all guidances, skipping those that are there.

    guidances : then also the films of every other combination and of the other captioner, for those of the clips that
    are heroes, once all shipped clips have theirs.
    Raises InputError where films of other settings or reconstructors are in the way.
    """
    info = load_dataset().info
    check(info, subject)
    expect_folder(precomputed.FOLDER)
    _make(subject, clips, GUIDANCES[0])
    if guidances:
        if (n_made := len(precomputed.ranked(subject))) < info.n_clips:
            raise MissingError(
                f"got films of {n_made} clips of subject {subject}, expected all {info.n_clips}, of which some are "
                "chosen by score: run precompute for all clips first"
            )
        chosen = [clip for clip in precomputed.heroes(subject) if clip in clips]
        for guidance, captioner in FILMS.values():
            _make(subject, chosen, guidance, captioner)
    return precomputed.folder(subject)


def _make(subject: int, clips: Collection[int], guidance: Guidance, captioner: str = CAPTIONER) -> None:
    made, rows = made_with(subject), rows_of(subject)
    missing = [clip for clip in clips if not _is_made(subject, clip, guidance, captioner, rows)]
    settings = replace(zoo_named().settings, guidance=guidance, captioner=captioner)
    bar = tqdm(total=len(missing), desc=f"subject {subject}, {name_of(guidance, captioner)}")
    size = 1 if best_device().type == "cpu" else BATCH
    for first in range(0, len(missing), size):
        few = missing[first : first + size]
        results = run.reconstruct_clips(Request(subject, few[0], settings), few)
        _add(subject, made, [_stored(result) for result in results])
        bar.update(len(few))
    bar.close()


def made_with(subject: int) -> dict:
    """What all films of a subject have in common, as it is written."""
    zoo = zoo_named()
    settings = {name: value for name, value in zoo.settings.record().items() if name != "guidance"}
    origins = {role: dict(origin) for role, origin in load_pipeline(zoo).subjects(subject).origins.items()}
    return from_json(to_json({"subject": subject, "zoo": zoo.name, **settings, "reconstructors": origins}))


def rows_of(subject: int) -> Rows:
    """The rows that are there. Raises InputError when they were made in another way than films are made now."""
    made, rows = precomputed.table(subject)
    now = made_with(subject)
    if other := [name for name in now if made and made.get(name) != now[name]]:
        raise InputError(
            f"{precomputed.folder(subject)}: got films made with other {', '.join(other)} than now, expected the same: "
            "delete the folder to make all of them anew"
        )
    return rows


def _is_made(subject: int, clip: int, guidance: Guidance, captioner: str, rows: Rows) -> bool:
    there = (clip, name_of(guidance, captioner)) in rows
    return there and all(path.exists() for path in precomputed.files(subject, clip, guidance, captioner).values())


def _stored(result: Result) -> dict:
    """Write the stages of one film; gives its row of the table, which is to be added when they are there."""
    made, about = result.reconstruction, result.summary
    guidance, captioner = made.settings.guidance, made.settings.captioner
    paths = precomputed.files(about["subject"], about["clip"], guidance, captioner)
    write_video(paths[Step.BLURRY_VIDEO], made.blurry_video, PERCEPTION_FPS, SMALL)
    if made.keyframe is not None:
        write_image(paths[Step.KEYFRAME], made.keyframe, **KEYFRAME)
    write_video(paths[Step.VIDEO], made.video, result.fps, SMALL)
    kept = {name: about[name] for name in ("caption", "frames_sha256", "seconds", "scores")}
    row = {"clip": about["clip"], "guidance": precomputed.letters(guidance)}
    row |= {"captioner": captioner} if guidance.gamma and captioner != CAPTIONER else {}
    return rounded(row | {"machine": machine.key(made.precision)} | kept)


def _add(subject: int, made: dict, new: Sequence[dict]) -> None:
    """Put rows into the table, in the place of those of the same films; other processes may add theirs."""
    path = precomputed.folder(subject) / precomputed.TABLE
    with one_at_a_time(cache_dir("locks"), f"precomputed-{subject}.lock"), whole_file(path) as partial:
        rows = rows_of(subject) | {precomputed.key(row): row for row in new}
        lines = ",\n".join(to_json(rows[film]) for film in sorted(rows))
        partial.write_text(f'{{"made": {to_json(made, indent=1)},\n"films": [\n{lines}\n]}}\n', encoding="utf-8")
