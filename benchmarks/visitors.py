"""Many visitors at the same time: python benchmarks/visitors.py [--clients N] [--minutes M]

Starts an app of its own, with a cache folder of its own. Every client looks at the page, its films and its tables and
asks for reconstructions, some of which it cancels and some of which it leaves by going away. Prints JSON: seconds of
light requests and of the whole page while reconstructions wait, seconds of reconstructions, the server's memory over
time, and what it left in its temporary folders.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
from gradio_client import Client
from start import free_port, started, wait_for

N_CLIPS, SUBJECTS = 300, (1, 2, 3)
PAGE = "/"
LIGHT = (  # what a page asks for without computing; {subject}, {clip} are drawn
    "/_nc/catalogue.json",
    "/_nc/films/{subject}.json",
    "/_nc/stored/{subject}/{clip:03d}/abg.mp4",
    "/_nc/stored/{subject}/{clip:03d}/blurry.mp4",
    "/_nc/truth/{clip}.mp4",
    "/_nc/waiting.json",
)
RECONSTRUCT = "/reconstruct"  # endpoint, with keywords subject, clip, alpha, beta, gamma, seed
TEMPORARY = ("tmp", "gradio")  # in the cache folder
WAITING = 20  # reconstructions that wait while the page is looked at


class Notes:
    """What the clients measured; they are threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()

    def timed(self, kind: str, work: Callable[[], object]) -> None:
        """Do the work and keep its seconds, or what went wrong."""
        begun = time.perf_counter()
        try:
            work()
        except Exception as error:
            with self._lock:
                self.errors[f"{kind}: {type(error).__name__}: {str(error)[:80]}"] += 1
            return
        with self._lock:
            self.seconds[kind].append(time.perf_counter() - begun)

    def count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def table(self) -> dict:
        """Median and 95th percentile of each kind [s]."""
        return {kind: summary(values) for kind, values in sorted(self.seconds.items())}


def summary(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"n": len(ordered), "median": round(statistics.median(ordered), 4), "p95": round(late, 4)}


def get(address: str) -> int:
    """Fetch all of it; gives its size."""
    with urllib.request.urlopen(address, timeout=60) as answer:
        return len(answer.read())


def drawn(path: str, rng: random.Random) -> str:
    return path.format(subject=rng.choice(SUBJECTS), clip=rng.randrange(N_CLIPS))


def request(rng: random.Random) -> dict:
    """Keywords of a reconstruction; few seeds, so that some are equal."""
    on = {name: rng.random() < 0.8 for name in ("alpha", "beta", "gamma")}
    return {"subject": rng.choice(SUBJECTS), "clip": rng.randrange(N_CLIPS), "seed": rng.randrange(3), **on}


def visit(address: str, end: float, seed: int, notes: Notes) -> None:
    """One client until `end`: pages and films, now and then a reconstruction."""
    rng = random.Random(seed)
    client = Client(address, verbose=False, download_files=False)
    while time.monotonic() < end:
        notes.timed("page", lambda: get(address + PAGE))
        for _ in range(rng.randrange(2, 8)):
            path = rng.choice(LIGHT)
            notes.timed(f"GET {path}", lambda path=path: get(address + drawn(path, rng)))
            time.sleep(rng.uniform(0.05, 0.5))
        fate = rng.choices(("waits", "cancels", "goes away"), (0.6, 0.25, 0.15))[0]
        if fate == "waits":
            notes.timed("reconstruction", partial(client.predict, api_name=RECONSTRUCT, **request(rng)))
        else:
            job = client.submit(api_name=RECONSTRUCT, **request(rng))
            time.sleep(rng.uniform(0.1, 3))
            if fate == "cancels":
                job.cancel()
            else:
                client.close()
                client = Client(address, verbose=False, download_files=False)
        notes.count(fate)


def crowd(address: str, notes: Notes) -> None:
    """The page and light requests while reconstructions wait; then they are cancelled."""
    rng = random.Random(0)
    clients = [Client(address, verbose=False, download_files=False) for _ in range(WAITING)]
    jobs = [client.submit(api_name=RECONSTRUCT, **request(rng)) for client in clients]
    time.sleep(1)
    for _ in range(10):
        notes.timed(f"page, {WAITING} wait", lambda: get(address + PAGE))
        for path in LIGHT:
            notes.timed(f"light, {WAITING} wait", lambda path=path: get(address + drawn(path, rng)))
    for job in jobs:
        job.cancel()


def megabytes(process: psutil.Process) -> float:
    """Memory of the server and its children [MB]."""
    return round(sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 1e6, 1)


def files_in(cache: Path, name: str) -> int:
    """How many files there are in the folders of that name."""
    return sum(path.is_file() for folder in cache.rglob(name) for path in folder.rglob("*"))


def measure(clients: int, minutes: float) -> dict:
    notes, memory = Notes(), {}
    with tempfile.TemporaryDirectory() as cache:
        port = free_port()
        server = started(port, NEUROCLIPS_CACHE=cache)
        process, address = psutil.Process(server.pid), f"http://127.0.0.1:{port}"
        try:
            wait_for(address, server)
            notes.timed(
                "first reconstruction",
                lambda: Client(address, verbose=False, download_files=False).predict(
                    api_name=RECONSTRUCT, subject=1, clip=0
                ),
            )
            memory["start"] = megabytes(process)
            end = time.monotonic() + 60 * minutes
            threads = [
                threading.Thread(target=visit, args=(address, end, n, notes), daemon=True) for n in range(clients)
            ]
            for thread in threads:
                thread.start()
            time.sleep(30 * minutes)
            memory["middle"] = megabytes(process)
            for thread in threads:
                thread.join(30 * minutes + 120)
            memory["end"] = megabytes(process)
            crowd(address, notes)
            time.sleep(5)
            memory["after"] = megabytes(process)
            left = {name: files_in(Path(cache), name) for name in TEMPORARY}
        finally:
            server.terminate()
            server.wait(20)
    return {
        "clients": clients,
        "minutes": minutes,
        "cores": os.cpu_count(),
        "seconds": notes.table(),
        "fates": dict(notes.counts),
        "errors": dict(notes.errors),
        "memory [MB]": memory,
        "left in temporary folders": left,
    }


def line(found: dict) -> str:
    """For the documents."""
    seconds, memory = found["seconds"], found["memory [MB]"]
    light, page = (seconds.get(f"{kind}, {WAITING} wait", {"p95": float("nan")}) for kind in ("light", "page"))
    return (
        f"{found['clients']} visitors for {found['minutes']:g} minutes on {found['cores']} cores; while {WAITING} "
        f"reconstructions wait, 95 % of pages come within {page['p95']:.2f} s and of films and tables within "
        f"{light['p95']:.2f} s; memory {memory['start']:.0f} MB at the start, {memory['end']:.0f} MB at the end; "
        f"{sum(found['left in temporary folders'].values())} temporary files left; "
        f"{sum(found['errors'].values())} errors."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    found = measure(options.clients, options.minutes)
    print(json.dumps(found | {"line": line(found)}, indent=1))


if __name__ == "__main__":
    main()
