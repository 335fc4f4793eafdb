"""submit: commands that take long, as jobs of a SLURM cluster, by the library submitit."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from neuroclips.cli.root import app
from neuroclips.disk import expect_folder
from neuroclips.errors import InputError
from neuroclips.faults import FAULT, one_line_errors
from neuroclips.ranges import Range, expect, is_number, shown

VERBS = ("reconstruct", "train")  # what goes on where it was, so that a job may end at any moment
# of submitit, the same on every cluster; other keys of --slurm are options of sbatch
SHARED = ("timeout_min", "mem_gb", "cpus_per_task", "gpus_per_node", "tasks_per_node", "nodes", "name")
USUAL = {"timeout_min": 24 * 60, "name": "neuroclips"}
TIMEOUTS = 100  # after which a job is no longer put back into the queue


@dataclass(frozen=True)
class Job:
    """A command of this program, run in the process that calls it. Raises RuntimeError where it fails."""

    words: tuple[str, ...]

    def __call__(self) -> None:
        from submitit import JobEnvironment
        from submitit.helpers import TorchDistributedEnvironment

        if JobEnvironment().num_tasks > 1:  # several processes of one job: as torchrun would have started them
            TorchDistributedEnvironment().export(set_cuda_visible_devices=False, overwrite=True)
        sys.argv = ["neuroclips", *self.words]  # as the record of a training tells it
        if code := app(list(self.words), standalone_mode=False):
            raise RuntimeError(f"ended with exit code {code}, see above: start again to make what is lacking")

    def checkpoint(self) -> object:
        """A job that is ended by the clock or for a more urgent one goes back into the queue as it is."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


@app.command(context_settings={"ignore_unknown_options": True})
@one_line_errors
def submit(
    words: Annotated[list[str], typer.Argument(help="after --, the command: reconstruct --clips ... or train ...")],
    jobs: Annotated[int, typer.Option(help="of reconstruct --clips: portions that work at once")] = 1,
    each: Annotated[
        list[str] | None, typer.Option(help="subject=1,2,3: jobs of their own, with each in the place of {subject}")
    ] = None,
    slurm: Annotated[
        list[str] | None, typer.Option(help="partition=gpu, gpus_per_node=1, timeout_min=240, account=..., gres=...")
    ] = None,
    logs: Annotated[Path, typer.Option(help="folder for what the jobs print")] = Path("jobs"),
    wait: Annotated[bool, typer.Option("--wait", help="for their end; the exit code is 1 if one failed")] = False,
) -> None:
    """Run reconstruct --clips or train as jobs of a SLURM cluster; without one, as processes of this machine.

    A job that is ended early goes on where it was when it is started again.
    Example: neuroclips submit --jobs 10 --slurm partition=gpu --slurm gpus_per_node=1 -- reconstruct --clips all
    """
    expect("jobs", jobs, Annotated[int, Range(1, 10_000)])
    commands = list(_commands(words, jobs, each or []))
    for command in commands:
        _expect_command(command)
    submitted = _submit(commands, expect_folder(logs), _options(slurm or []))
    for job, command in zip(submitted, commands, strict=True):
        print(f"job {job.job_id}: neuroclips {' '.join(command)}")
    print(f"what they print is in {logs}")
    if wait and (failed := [job for job in submitted if job.exception()]):
        print(f"{len(failed)} jobs failed: {', '.join(job.job_id for job in failed)}", file=sys.stderr)
        raise typer.Exit(FAULT)


def _commands(words: Sequence[str], jobs: int, each: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The command of every job. Raises InputError where jobs would do the same."""
    if jobs > 1 and (words[0] != "reconstruct" or "--clips" not in words or "--fuse" in words):
        raise InputError(
            f"got --jobs {jobs}, expected it with reconstruct --clips, without --fuse: use --each for what else differs"
        )
    places = [[(f"{{{name}}}", value) for value in values.split(",")] for name, values in _pairs("each", each)]
    for name in (place[0][0] for place in places):
        if not any(name in word for word in words):
            raise InputError(f"got --each {name.strip('{}')}, expected {name} in the command, where each goes")
    portions = [["--portion", f"{which}/{jobs}"] for which in range(1, jobs + 1)] if jobs > 1 else [[]]
    for values in product(*places):
        filled = list(words)
        for name, value in values:
            filled = [word.replace(name, value) for word in filled]
        yield from ((*filled, *portion) for portion in portions)


def _pairs(option: str, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        name, _, value = word.partition("=")
        if not (name and value):
            raise InputError(f"got --{option} {shown(word)}, expected NAME=VALUE")
        yield name, value


def _expect_command(words: Sequence[str]) -> None:
    """Raises InputError for what the command would refuse to read, before a job waits in the queue to say so."""
    if words[0] not in VERBS:
        raise InputError(f"got {shown(words[0])}, expected one of: {', '.join(VERBS)}")
    verbs: Any = get_command(app)
    try:
        name, command, rest = verbs.resolve_command(typer.Context(verbs), list(words))
        command.make_context(name, rest)
    except Exception as error:
        if not hasattr(error, "format_message"):  # which all have that the parser raises
            raise
        raise InputError(f"{words[0]}: {error.format_message()}") from error


def _options(words: Sequence[str]) -> dict[str, Any]:
    """What submitit takes: options of sbatch have a name of their own, so that other clusters leave them out."""
    given = {name: int(value) if is_number(value) else value for name, value in _pairs("slurm", words)}
    return USUAL | {name if name in SHARED else f"slurm_{name}": value for name, value in given.items()}


def _submit(commands: Sequence[tuple[str, ...]], logs: Path, options: dict[str, Any]) -> list[Any]:
    try:
        import submitit
    except ModuleNotFoundError as error:
        raise InputError("got no submitit, expected it for jobs: pip install 'neuroclips[cluster]'") from error
    try:
        executor = submitit.AutoExecutor(logs, slurm_max_num_timeout=TIMEOUTS)
        executor.update_parameters(**options)
        with executor.batch():
            return [executor.submit(Job(command)) for command in commands]
    except (AssertionError, NameError, RuntimeError, ValueError) as error:  # of what the cluster does not take
        said = " ".join(str(error).split()).partition(" Known executors")[0]
        raise InputError(f"got no jobs from submitit ({said}): see to --slurm") from error
