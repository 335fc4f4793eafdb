"""Seconds from `python app.py` to its first answer and to a film that plays: python benchmarks/start.py [--runs N]

Prints JSON. Cold is a start with an empty cache folder and nothing compiled yet, as the first ever; warm are those
after it, the median of N. The browser runs on the same cores, as on a laptop.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PLAYS = "[...document.querySelectorAll('video')].some(v => v.readyState > 1 && !v.paused && v.currentTime > 0)"
WITHIN = 120.0  # [s]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def started(port: int, **env: str) -> subprocess.Popen:
    """The app in a process of its own."""
    command = [sys.executable, "app.py", "--port", str(port)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | env, stdout=subprocess.DEVNULL)


def wait_for(address: str, server: subprocess.Popen) -> None:
    """Return when the page is answered with 200. Raises RuntimeError where the app ends instead."""
    begun = time.monotonic()
    while time.monotonic() - begun < WITHIN:
        if server.poll() is not None:
            raise RuntimeError(f"the app ended with {server.returncode}")
        try:
            urllib.request.urlopen(address, timeout=WITHIN).read()
            return
        except urllib.error.URLError:
            time.sleep(0.02)
    raise TimeoutError(f"no page within {WITHIN:.0f} s")


def one_start(browser, **env: str) -> dict[str, float]:
    """Seconds of one start, by what had happened then."""
    port, begun = free_port(), time.perf_counter()
    server, address = started(port, **env), f"http://127.0.0.1:{port}/"
    try:
        wait_for(address, server)
        answered = time.perf_counter()
        tab = browser.new_page(viewport={"width": 1366, "height": 768})
        tab.goto(address, wait_until="commit")
        tab.wait_for_function(PLAYS, timeout=1000 * WITHIN)
        plays = time.perf_counter()
        tab.reload(wait_until="commit")
        tab.wait_for_function(PLAYS, timeout=1000 * WITHIN)
        again = time.perf_counter()
        tab.close()
    finally:
        server.terminate()
        server.wait(10)
    moments = {"first answer": answered - begun, "film plays": plays - begun, "page to film": plays - answered}
    return {name: round(value, 2) for name, value in (moments | {"reload to film": again - plays}).items()}


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="warm starts, of which the median counts")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as home, sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        env = {"NEUROCLIPS_CACHE": f"{home}/cache", "PYTHONPYCACHEPREFIX": f"{home}/compiled"}
        env |= {"PYTHONDONTWRITEBYTECODE": ""}  # else every start would compile all anew
        cold, *warm = [one_start(browser, **env) for _ in range(1 + runs)]
        browser.close()
    table = {"cold": cold, "warm": {name: median(each[name] for each in warm) for name in cold} if warm else {}}
    print(json.dumps(table | {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}, indent=1))


if __name__ == "__main__":
    main()
