"""What the memory modes of the paper zoo take on a GPU: real sizes, random weights, one film, on cards of any size.

python benchmarks/memory_modes.py [--share SHARE]: one JSON object a line. A smaller card is this one with less memory
allowed, less what a CUDA context takes. Needs a GPU of 40 GB and a main memory of 64 GB.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch  # noqa: E402

from neuroclips.bench.random_zoo import RandomZoo  # noqa: E402
from neuroclips.budget import chosen  # noqa: E402
from neuroclips.placement import Placement, _placing  # noqa: E402
from neuroclips.subject_models import SubjectModels  # noqa: E402

CARDS = (80, 24, 16, 12, 8)  # [GB]
CONTEXT = 0.6  # [GB] of a card that are not for tensors
ROLES = ("codec", "text encoder", "keyframes", "captioner/blip2", "video")  # what a model needs comes first
DECODERS = ("perception", "semantic", "prior")
CUDA, CPU = torch.device("cuda:0"), torch.device("cpu")


def in_main_memory(zoo: RandomZoo) -> list:
    """All models, made one after the other on the GPU and kept off it."""
    for role in ROLES:
        zoo.part(role)
        for made in zoo.parts.values():
            made.to(CPU)
    for role in DECODERS:
        getattr(zoo.subject, role).to(CPU)
    torch.cuda.empty_cache()
    inside = [zoo.part(role).codec for role in ("keyframes", "video") if zoo.part(role).codec is not zoo.part("codec")]
    return [*inside, *(zoo.part(role) for role in ROLES)]


def taken_back(models: list, held: list) -> None:
    """Off the GPU, as before they were placed."""
    for model in models:
        model.__dict__.pop("placing", None)
        for module in model.modules():
            module._forward_pre_hooks.clear()
            module._forward_hooks.clear()
    for weight, own in held:
        weight.data = own
    for model in models:
        model.to(CPU)
    _placing.cache_clear()
    torch.cuda.empty_cache()


def measured(zoo: RandomZoo, models: list, card: float, share: float, asked: str | None) -> dict:
    free = card - CONTEXT
    choice = chosen(zoo.zoo, free, "bfloat16", asked)
    placement = Placement(
        CUDA,
        torch.bfloat16,
        choice.memory,
        room=int(choice.room * 1e9),
        slices=choice.slices,
        tiles=choice.tiles,
    )
    torch.cuda.set_per_process_memory_fraction(min(1.0, free * 1e9 / torch.cuda.get_device_properties(0).total_memory))
    decoders = {role: getattr(zoo.subject, role) for role in DECODERS}
    decoders = {role: model.to(placement.of_reconstructor(role).dtype) for role, model in decoders.items()}
    everything = [*models, *decoders.values()]
    held = [(weight, weight.data) for model in everything for weight in model.parameters()]
    row: dict = {"card": card, "mode": choice.memory, "share": share}
    row |= {"estimated, all": round(choice.needed, 1), "estimated, largest": round(choice.largest, 1)}
    settings = zoo.zoo.settings
    names = ("keyframe_steps", "video_steps", "prior_steps")
    settings = replace(settings, **{name: max(2, round(getattr(settings, name) * share)) for name in names})
    try:
        for model in everything:
            placement.put(model)
        zoo.subject = SubjectModels(**decoders)
        zoo.pipeline.subjects = lambda subject: zoo.subject
        torch.cuda.reset_peak_memory_stats()
        for _ in range(2):  # the second is told
            torch.cuda.synchronize()
            began = time.perf_counter()
            made = zoo.pipeline(zoo.samples(1), settings)[0]
            torch.cuda.synchronize()
            row["seconds"] = round(time.perf_counter() - began, 2)
        row |= {"steps": {str(step): round(s, 2) for step, s in made.seconds.items()}}
        row |= {"film": round(made.video.double().sum().item(), 3), "caption": len(made.caption)}
    except torch.OutOfMemoryError as error:
        row["failed"] = str(error).splitlines()[0]
    row["peak GB"] = round(torch.cuda.max_memory_allocated() / 1e9, 2)
    row["reserved GB"] = round(torch.cuda.max_memory_reserved() / 1e9, 2)
    taken_back(everything, held)
    for model in decoders.values():
        model.float()
    return row


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--share", type=float, default=1.0, help="of the steps of every model")
    options.add_argument("--cards", type=float, nargs="*", default=CARDS)
    options.add_argument("--memory", help="a mode, whatever fits")
    given = options.parse_args()
    began, zoo = time.monotonic(), RandomZoo(CUDA)
    models = in_main_memory(zoo)
    print(json.dumps({"gpu": torch.cuda.get_device_name(), "built in": round(time.monotonic() - began, 1)}), flush=True)
    for card in given.cards:
        print(json.dumps(measured(zoo, models, card, given.share, given.memory)), flush=True)


if __name__ == "__main__":
    main()
