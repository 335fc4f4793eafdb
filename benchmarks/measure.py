"""Measure what the README reports: start-up, seconds per stage, sizes. python benchmarks/measure.py"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from neuroclips.bench import machine, seconds_per_step  # noqa: E402


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


if __name__ == "__main__":
    print(json.dumps({"seconds from python app.py to a usable page": round(start_up(), 1)}))
    print(json.dumps({"seconds per step": seconds_per_step(), "machine": machine()}))
    print(json.dumps({f"{folder}/ [MB]": megabytes(folder) for folder in ("checkpoints", "assets")}))
