"""Measure start-up, seconds per step and sizes on this machine: python benchmarks/measure.py [SECTION ...]

Writes the sections (default: all) into assets/readme/timing.json with the version, and prints them.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from stored import measure, tables  # noqa: E402

from neuroclips.bench.shipped import machine, seconds_per_step  # noqa: E402
from neuroclips.zoo import zoo_named  # noqa: E402

TABLE = ROOT / "assets" / "readme" / "timing.json"


def start_up() -> float:
    """Seconds from `python app.py` to a page whose player shows a film, in Chromium."""
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with sync_playwright() as p:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        started = time.perf_counter()
        server = subprocess.Popen([sys.executable, "app.py", "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            _wait_for(port)
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}")
            page.wait_for_function("[...document.querySelectorAll('#player video')].some(v => v.readyState > 1)")
            return time.perf_counter() - started
        finally:
            server.terminate()
            server.wait(10)
            browser.close()


def _wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the app did not open its port within 60 s")


def megabytes(folder: str) -> float:
    return round(sum(f.stat().st_size for f in (ROOT / folder).rglob("*") if f.is_file()) / 1e6, 1)


def of_start_up() -> dict[str, float]:
    return {"seconds from python app.py to a page that shows a film": round(start_up(), 1)}


def of_steps(**changes) -> dict[str, float | str]:
    """Medians at the shipped settings with some changed."""
    settings = replace(zoo_named().settings, **changes)
    return {**seconds_per_step(settings=settings), "machine": machine()}


def of_sizes() -> dict[str, float]:
    return {folder: megabytes(folder) for folder in ("checkpoints", "assets")}


SECTIONS = {
    "start-up": of_start_up,
    "seconds per step": of_steps,
    "seconds per step, 25 steps of DDIM": partial(of_steps, video_steps=25, video_start=1.0, video_solver="ddim"),
    "megabytes": of_sizes,
}

if __name__ == "__main__":
    measure(TABLE, SECTIONS, sys.argv[1:])
    print(json.dumps(tables(TABLE), indent=1))
