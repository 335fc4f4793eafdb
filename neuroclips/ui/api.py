"""The app's public endpoints: what a page can do, for programs. Data and addresses of files come back, no HTML."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import asdict
from inspect import getdoc
from typing import Any
from uuid import uuid4

import gradio as gr
from gradio.route_utils import get_root_url

from neuroclips.errors import InputError
from neuroclips.lesions import SILENCES
from neuroclips.loop.settings import LoopConfig
from neuroclips.precomputed import FILMS
from neuroclips.ui import asked, catalogue, live, loop_job
from neuroclips.ui import from_brain as strips
from neuroclips.ui.desk import DESK
from neuroclips.ui.inputs import told
from neuroclips.zoo import zoo_named

SHIPPED = zoo_named().settings


async def reconstruct(
    subject: int,
    clip: int,
    alpha: bool = True,
    beta: bool = True,
    gamma: bool = True,
    keep_keyframe: bool = SHIPPED.keep_keyframe,
    seed: int = SHIPPED.seed,
    captioner: str = SHIPPED.captioner,
    prompt: str = "",
    theta: float = SHIPPED.theta,
    video_start: float = SHIPPED.video_start,
    keyframe_start: float = SHIPPED.keyframe_start,
    video_steps: int = SHIPPED.video_steps,
    keyframe_steps: int = SHIPPED.keyframe_steps,
    lesion: str = "",
    keep: str = "",
    silence: str = SILENCES[0],
    request: gr.Request = None,  # type: ignore[assignment]
) -> AsyncIterator[dict[str, Any]]:
    """Reconstruct the film of a simulated test clip from fMRI, stage by stage.

    Args:
        subject: simulated subject, 1 to 3.
        clip: test clip, 0 to 299; /clips lists them.
        alpha: whether the decoded blurry video guides the film.
        beta: whether the decoded keyframe does.
        gamma: whether the caption of the keyframe does; without beta there is none.
        keep_keyframe: whether the keyframe begins at the first blurry frame even where alpha is off.
        seed: of all randomness; the same seed gives the same film.
        captioner: blip2, or git.
        prompt: words of your own in the place of the decoded caption, up to 200 characters, also without beta; "unread"
            in what comes back names those that the demo models do not know. Such a film is not decoded from fMRI alone.
        theta: of equation 5 of the paper, from 0 to 0.95.
        video_start: share of the video model's schedule that is run, from 0.05; --start of the command line.
        keyframe_start: the same of the keyframe model; --strength of the command line.
        video_steps: of the text-to-video model, 1 to 50.
        keyframe_steps: of the keyframe model, 1 to 50.
        lesion: regions that are silenced before anything is decoded, such as "V1,V2", "early visual", "L_MT" or
            "disc:412:180:20" of the flat map.
        keep: in its place, the regions that alone are left.
        silence: zero, mean or noise, what takes the place of a silenced voxel.

    Returns:
        The state of the run after each step, "done" at the end: caption, seconds of each stage, scores of demo judges
        beside those of a flat frame, and addresses of blurry video, keyframe, video, record and a ZIP of all.
    """
    values = {name: value for name, value in locals().items() if name != "request"}
    async for now in _followed(values, request):
        yield now


async def ablate(
    subject: int,
    clip: int,
    seed: int = SHIPPED.seed,
    lesion: str = "",
    keep: str = "",
    silence: str = SILENCES[0],
    request: gr.Request = None,  # type: ignore[assignment]
) -> AsyncIterator[dict[str, Any]]:
    """Reconstruct one clip under each distinct combination of guidances, and with GIT's words (table 2 of the paper).

    Args:
        subject: simulated subject, 1 to 3.
        clip: test clip, 0 to 299.
        seed: of all randomness.
        lesion: regions that are silenced before anything is decoded, as /reconstruct has them.
        keep: in its place, the regions that alone are left.
        silence: zero, mean or noise, what takes the place of a silenced voxel.

    Returns:
        By the letters of the guidances that are on ("abg" is all, "none" none, "abg-git" all with GIT's words): what
        /reconstruct gives.
    """
    asked_for = {name: value for name, value in locals().items() if name != "request"}
    found: dict[str, Any] = {}
    for name, (guidance, captioner) in FILMS.items():
        async for now in _followed({**asked_for, "captioner": captioner, **asdict(guidance)}, request):
            yield found | {name: now}
        found[name] = now


async def from_brain(
    subject: int,
    clip: int,
    seed: int = SHIPPED.seed,
    lesion: str = "",
    keep: str = "",
    silence: str = SILENCES[0],
    request: gr.Request = None,  # type: ignore[assignment]
) -> AsyncIterator[dict[str, Any]]:
    """Reconstruct one clip from the real fMRI, another clip's, zero, mean, noise, another subject's, and from no brain.

    Args:
        subject: simulated subject, 1 to 3.
        clip: test clip, 0 to 299.
        seed: of all randomness, which all films share.
        lesion: regions that are silenced in every brain, as /reconstruct has them.
        keep: in its place, the regions that alone are left.
        silence: zero, mean or noise, what takes the place of a silenced voxel.

    Returns:
        The films so far as "rows", by name, each as /reconstruct gives it; at the end "shares": of each score floor,
        ceiling and brain share, (score - floor) / (ceiling - floor), and p, how often the truth of another clip of the
        same minute of film fits the real film as well.
    """
    values = {name: value for name, value in locals().items() if name != "request"}
    with told():
        root = _root(request)
        async for now in strips.strip(asked.request_of(values)):
            if now["state"] == "failed":
                raise InputError(now["message"])
            yield now | {"rows": {name: _whole(row, root) for name, row in now["rows"].items()}}


async def loop(
    film: str = "example-0",
    subject: int = 1,
    noise: float = 1.0,
    repeats: int = 10,
    density: float = 1.0,
    seed: int = 0,
    shows: str = "",
    request: gr.Request = None,  # type: ignore[assignment]
) -> AsyncIterator[dict[str, Any]]:
    """Send a film through a simulated cortex and decode it back.

    Args:
        film: example-0 to example-2, or the word that POST /_nc/loop/upload?consent=yes&name=NAME answered for the film
            that was its body: 2 to 10 s of MP4, MOV, WebM, GIF and others.
        subject: simulated subject, 1 to 3.
        noise: times that of the simulated subject, 0 to 10; 0 is none.
        repeats: showings that are averaged, 1 to 10.
        density: share of the voxels that are kept, above 0; the others are silenced.
        seed: of the noise, of what is silenced and of the decoder.
        shows: what semantic areas are told, such as "dog, beach", or "nothing"; empty: the demo captioner says it.

    Returns:
        How far it is, and at the end the record, with scores of demo judges beside those of a flat frame, how far the
        film is from the training films, and addresses of films, samples and maps.
    """
    values = {name: value for name, value in locals().items() if name not in ("film", "shows", "request")}
    with told():
        key, start = loop_job.job(film, LoopConfig(**values, shows=shows or None))
        root = _root(request)
        async for now in DESK.follow(uuid4().hex, key, start):
            if now["state"] == "failed":
                raise InputError(now["message"])
            yield now | {"files": {name: root + at for name, at in now.get("files", {}).items()}}


def clips() -> list[dict[str, Any]]:
    """List the simulated test clips: true class, scene, motion, caption, whether cut, group of look-alikes."""
    return [{"clip": number, **row} for number, row in enumerate(catalogue.catalogue()["clips"])]


def subjects() -> dict[str, Any]:
    """Tell of the simulated subjects: voxels, and the clips that are best, median and worst by score."""
    return {str(subject): about for subject, about in catalogue.catalogue()["subjects"].items()}


def build() -> None:
    """Declare the endpoints inside an open gr.Blocks."""
    for function in (reconstruct, ablate, from_brain, loop, clips, subjects):
        told_of = getdoc(function)  # of which gradio by itself shows the first lines
        gr.api(function, api_name=function.__name__, api_description=told_of, concurrency_limit=None)


async def _followed(values: dict[str, Any], request: gr.Request | None) -> AsyncIterator[dict[str, Any]]:
    """A run with whole addresses. A client's session is its own visitor, but may ask for many things at once."""
    with told():
        key, start = live.job(asked.request_of(values))
        root = _root(request)
        async for now in DESK.follow(uuid4().hex, key, start):
            if now["state"] == "failed":
                raise InputError(now["message"])
            yield _whole(now, root)


def _root(request: gr.Request | None) -> str:
    """Where a client found this server, also behind a proxy."""
    if not request or not request.request:
        return ""
    return get_root_url(request.request, request.request.url.path, os.environ.get("GRADIO_ROOT_PATH"))


def _whole(now: dict[str, Any], root: str) -> dict[str, Any]:
    """What is told of a run, with addresses that a program can open as they are."""
    files = dict(now.get("files", {}))
    if now["state"] == "done":
        files |= {name: f"{live.home(now['key'])}/{file}" for name, file in live.AT_THE_END.items()}
    told_of = {name: value for name, value in now.items() if name not in ("previews", "key")}
    return told_of | {"files": {name: root + address for name, address in files.items()}}
