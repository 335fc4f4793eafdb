"""What of a zoo lies on this machine: in the folder of models, or in the cache of the hub. Nothing is fetched here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from neuroclips import lock
from neuroclips.errors import InputError, MissingError
from neuroclips.parts import Part, Zoo
from neuroclips.paths import models_dir
from neuroclips.preprocessing.meta import is_complete, read_meta
from neuroclips.reading import read_json
from neuroclips.sizes.frozen import CONVERTER
from neuroclips.types import Request
from neuroclips.zoo_table import RECONSTRUCTORS, zoo_named

INDEX = ".index.json"  # names the files of weights that are in several


def _weights(stem: str) -> str:
    """A file of weights, in one or in several; pickled files only where there are no others."""
    return f"{stem}.safetensors|{stem}.safetensors{INDEX}|{stem}.bin|{stem}.bin{INDEX}"


DIFFUSERS = ("config.json", _weights("diffusion_pytorch_model"))
TRANSFORMERS = ("config.json", f"{_weights('model')}|{_weights('pytorch_model')}")
OPEN_CLIP = ("open_clip_config.json", "open_clip_model.safetensors|open_clip_pytorch_model.bin")


def _below(folder: str, files: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("|".join(f"{folder}/{name}" for name in each.split("|")) for each in files)


# the files without which a kind cannot be loaded; what is small and lies beside them is fetched, too
FILES = {
    "open_clip": OPEN_CLIP,
    "open_clip halved": OPEN_CLIP,
    "clip text": (*_below("text_encoder", TRANSFORMERS), "tokenizer/vocab.json", "tokenizer/merges.txt"),
    "autoencoder": DIFFUSERS,
    "unet": DIFFUSERS,
    "motion adapter": DIFFUSERS,
    "sparse ctrl": DIFFUSERS,
    "animatediff": ("scheduler/scheduler_config.json",),
    "animatediff v3": (),
    "lora": ("diffusion_pytorch_model.safetensors",),
    "ltx text encoder": (*_below("text_encoder", TRANSFORMERS), "tokenizer/spiece.model|tokenizer/tokenizer.json"),
    "ltx vae": _below("vae", DIFFUSERS),
    "ltx": _below("transformer", DIFFUSERS),
    "unclip": (*_below("unet", DIFFUSERS), "scheduler/scheduler_config.json"),
    "sdxl unclip": (*_below("unet", DIFFUSERS), "scheduler/scheduler_config.json"),
    "blip2": TRANSFORMERS,
    "git": TRANSFORMERS,
    "git converted": TRANSFORMERS,
    "token converter": (CONVERTER,),
    "vit": (*TRANSFORMERS, "preprocessor_config.json"),
    "videomae": (*TRANSFORMERS, "preprocessor_config.json"),
}


def files_of(part: Part) -> tuple[str, ...]:
    """The files of a part, from the top of its repository; "a|b" is a or, where there is none, b."""
    if part.files:
        return part.files
    return _below(part.subfolder, FILES[part.kind]) if part.subfolder else FILES[part.kind]


def home_of(part: Part, models: Path | None = None) -> Path:
    """The copy of a part's repository that has all of its files, on request in one folder of models alone.

    Raises MissingError where there is none, which names the first file that is not there.
    """
    lacking = []
    for home, recorded in _copies(part, models):
        if not (name := _lacking(part, home, recorded)):
            return home
        lacking.append(name if home.is_dir() else part.source)
    where = models or f"{models_dir()} or the cache of the hub"
    raise MissingError(f"no {next((name for name in lacking if name != part.source), part.source)} in {where}")


def is_there(part: Part, models: Path | None = None) -> bool:
    """Whether all files of a part are on this machine, or in a folder of models."""
    if part.is_local:
        return part.folder.is_dir()
    if not files_of(part):  # made of what it needs
        return True
    try:
        home_of(part, models)
    except MissingError:
        return False
    return True


def _copies(part: Part, models: Path | None) -> Iterator[tuple[Path, lock.Recorded]]:
    """Folders that may be a part's repository, with what is recorded of their files."""
    home = models or models_dir()
    yield home / part.repository, lock.read(home, part.repository)
    if models:
        return
    from huggingface_hub import constants

    kind = "datasets" if part.in_dataset else "models"
    cached = Path(constants.HF_HUB_CACHE) / "--".join((kind, *part.repository.split("/")))
    main = cached / "refs" / "main"
    revision = part.revision or (main.read_text(encoding="utf-8").strip() if main.is_file() else "")
    if revision:
        yield cached / "snapshots" / revision, lock.NOTHING


def _lacking(part: Part, home: Path, recorded: lock.Recorded) -> str:
    """The first file that a copy lacks, or that has not the size it had when it was fetched; empty for none.

    A copy of another commit than the table's lacks that commit.
    """
    if part.revision and recorded.revision not in ("", part.revision):
        return f"commit {part.revision[:12]}"
    for alternatives in files_of(part):
        chosen = next((name for name in alternatives.split("|") if (home / name).is_file()), "")
        if not chosen:
            return alternatives.partition("|")[0]
        for name in (chosen, *shards(home, chosen)):
            path = home / name
            if not path.is_file() or path.stat().st_size != recorded.sizes.get(name, path.stat().st_size):
                return name
    return ""


def shards(home: Path, name: str) -> list[str]:
    """The files of weights that an index names, from the top of the repository; of another file none."""
    if not name.endswith(INDEX):
        return []
    try:
        names = set(read_json(home / name)["weight_map"].values())
    except (InputError, KeyError, AttributeError):
        return [f"readable {name}"]
    return sorted(str(PurePosixPath(name).parent / each) for each in names)


def gigabytes(parts: Collection[Part]) -> float:
    """What is fetched for some parts; a file from which several are made counts once."""
    sizes: dict[tuple[str, ...], float] = {}
    for part in parts:
        of = (part.repository, *((part.checkpoint,) if part.checkpoint else part.files or (part.role,)))
        sizes[of] = max(part.size, sizes.get(of, 0.0))
    return sum(sizes.values())


def missing(zoo: Zoo, roles: Collection[str]) -> tuple[Part, ...]:
    """The parts that these roles need and that are on the hub, but not on this machine."""
    return tuple(part for part in zoo.with_needs(*roles) if not part.is_local and not is_there(part))


def expect_models(request: Request, fused: bool = False) -> None:
    """Raises MissingError that names all models of the hub that a request needs and lacks, and what fetches them.

    Where the subject's reconstructors are missing, too, it says so. fused : whether films become long films.
    """
    zoo = zoo_named(request.zoo)
    parts = missing(zoo, zoo.roles(request.settings, scored=_is_scored(request), fused=fused))
    if parts:
        names = ", ".join(part.role for part in parts)
        raise MissingError(
            f"zoo {zoo.name} has no {names} on this machine ({gigabytes(parts):.1f} GB to fetch, once): "
            f"{download_command(zoo, parts)}, or take --zoo demo{_no_subject(zoo, request)}"
        )


def _is_scored(request: Request) -> bool:
    """Whether there are true frames of the test clips; of measured data that were preprocessed here there are none."""
    if request.dataset != "preprocessed" or request.source is None:
        return request.dataset != "file"
    homes = [home for home in (request.source, *request.source.glob("*")) if is_complete(home)]
    return not homes or read_meta(homes[0]).get("dataset") == "simulated"


def _no_subject(zoo: Zoo, request: Request) -> str:
    roles = [role for role in RECONSTRUCTORS if not zoo.part(role).of(request.subject).folder.is_dir()]
    if request.reconstructors or not roles:
        return ""
    return f"; nor {', '.join(roles)} of subject {request.subject}: neuroclips train --help, or --reconstructors FOLDER"


def download_command(zoo: Zoo, parts: Collection[Part]) -> str:
    """What is typed to fetch some parts of a zoo; without a role it is all that the zoo's own settings need."""
    everything = tuple(part for part in zoo.with_needs(*zoo.roles()) if not part.is_local and files_of(part))
    implied = {role for part in parts for role in part.needs}
    named = [part.role for part in parts if part.role not in implied]
    if len(parts) > 1 and tuple(parts) == everything:
        named = []
    words = "".join(f" --role {_quoted(role)}" for role in named)
    return f"neuroclips download --zoo {zoo.name}{words}"


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word
