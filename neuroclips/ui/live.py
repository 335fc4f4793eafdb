"""What is shown of a reconstruction while it runs: each stage's files as they come, its times, its scores."""

from __future__ import annotations

import json
from collections.abc import Generator
from io import BytesIO
from typing import Any

from PIL import Image

from neuroclips.export import FILES, RECORD, TRUTH
from neuroclips.files import to_json
from neuroclips.media import to_uint8
from neuroclips.types import Request, Result, Stage, Step
from neuroclips.ui import asked, encoded, gpu
from neuroclips.ui.desk import Start
from neuroclips.ui.shelf import SHELF, SHOWN
from neuroclips.ui.web import PREFIX
from neuroclips.vocabulary import vocabulary
from neuroclips.zoo import zoo_named

AT_THE_END = {"record": RECORD, "all": "all.zip"}  # what there is of a run that is done


def home(key: str) -> str:
    """The address of the files of a run."""
    return f"{PREFIX}/runs/{key}"


def job(request: Request) -> tuple[str, Start]:
    """Key and start of a request, for the desk; what is on the shelf is not computed again."""
    key = asked.key(request)
    return key, lambda: shown(key, request)


def shown(key: str, request: Request) -> Generator[dict[str, Any], None, None]:
    """Snapshots of a run; each holds everything that there is so far, and "kept" where it was made before."""
    if kept := SHELF.get(key, SHOWN):
        yield {**json.loads(kept), "kept": True}
        return
    live = Live(key, request)
    yield live.now()
    events = gpu.run(request)
    try:
        for event in events:
            live.take(event)
            yield live.now()
    finally:
        events.close()
    SHELF.put(key, SHOWN, to_json(live.now()).encode())


class Live:
    """The state of one run, whose files go to the shelf under its key."""

    def __init__(self, key: str, request: Request, command: str = ""):
        self.key, self.command = key, command or asked.command(request)
        self.settings = (request.settings or zoo_named().settings).used
        self._files: dict[str, str] = {}
        self._stages: dict[str, dict[str, Any]] = {}
        self._previews: dict[str, str] = {}
        self._caption = "" if self.settings.captioned else self.settings.words
        self._scores: dict[str, Any] | None = None
        known = vocabulary(zoo_named())
        self._unread = known.unread(self.settings.prompt) if known and self.settings.prompt else []

    def now(self) -> dict[str, Any]:
        """All of it as JSON; nothing in it changes later."""
        return {
            "key": self.key,
            "stages": dict(self._stages),
            "files": dict(self._files),
            "previews": dict(self._previews),
            "caption": self._caption,
            "unread": self._unread,
            "scores": self._scores,
            "seed": self.settings.seed,
            "command": self.command,
        }

    def take(self, event: Stage | Result) -> None:
        """What was told of a step, or the scored result."""
        if isinstance(event, Result):
            self._take_result(event)
        elif event.fraction < 1:
            self._stages[event.step.value] = {"fraction": round(event.fraction, 3), "seconds": round(event.seconds, 2)}
            if event.preview is not None:
                self._previews[event.step.value] = _data_url(event.preview)
        else:
            self._take_stage(event)

    def _take_stage(self, stage: Stage) -> None:
        self._stages[stage.step.value] = {"seconds": round(stage.seconds, 2), "recalled": stage.recalled}
        self._previews.pop(stage.step.value, None)
        result: Any = stage.results[0] if stage.results else None
        if stage.step == Step.CAPTION:
            self._caption = str(result)
        elif name := FILES.get(stage.step):
            body = encoded.of_step(stage.step, name, result, self.settings.fps)
            self._files[stage.step.value] = self._put(name, body)

    def _take_result(self, result: Result) -> None:
        self._scores = result.summary["scores"]
        self._put(RECORD, to_json(result.summary, indent=1).encode())
        if (truth := result.truth) is not None:
            self._put(TRUTH, encoded.of_step(Step.VIDEO, TRUTH, truth, result.fps))

    def _put(self, name: str, body: bytes) -> str:
        """Put a file on the shelf; gives its address."""
        SHELF.put(self.key, name, body)
        return f"{home(self.key)}/{name}"


def _data_url(picture) -> str:
    """A picture (3, H, W) as an address that holds it."""
    buffer = BytesIO()
    Image.fromarray(to_uint8(picture.clamp(0, 1))).save(buffer, "WEBP", quality=80, method=0)
    return encoded.data_url(".webp", buffer.getvalue())
