"""Without a connection to the hub, whatever fetches from it ends in one line within seconds, or takes what is there."""

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import torch
from diffusers import AutoencoderKL
from huggingface_hub import constants

from neuroclips import hub
from neuroclips.data import cc2017
from neuroclips.errors import InputError, MissingError
from neuroclips.paths import ROOT
from neuroclips.zoo import Part, Zoo, load_part

ABSENT = "GT_test_caption.pt"


class Answering(BaseHTTPRequestHandler):
    """A hub that has nothing."""

    status = 404

    def do_HEAD(self):
        self.send_response(200 if self.path == "/" and self.status < 500 else self.status)
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *_):
        pass


@pytest.fixture
def online(monkeypatch, tmp_path):
    """Gives a function that says where the hub is; its cache is empty."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))

    def at(address):
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
        )

    return at


@pytest.fixture
def silent():
    """An address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def expect_soon(fetch, says):
    started = time.monotonic()
    with pytest.raises(MissingError, match=says) as raised:
        fetch()
    assert time.monotonic() - started < 10
    message = str(raised.value)
    assert "\n" not in message and "HF_HUB_OFFLINE=1" in message and not constants.HF_HUB_OFFLINE
    return message


def test_a_closed_port_is_told_at_once(online):
    online("http://127.0.0.1:9")
    said = expect_soon(
        lambda: cc2017._download(ABSENT), f"could not load {ABSENT} of gongzx.*127.0.0.1:9 gave no answer"
    )
    assert "--source" in said


def test_a_hub_that_never_answers_is_told_within_seconds(online, silent):
    online(silent)
    expect_soon(lambda: cc2017._download(ABSENT), f"{silent} gave no answer")


def test_a_name_that_nobody_looks_up_is_told_within_seconds(online, monkeypatch):
    online("http://hub.invalid")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(60))
    expect_soon(lambda: cc2017._download(ABSENT), "hub.invalid gave no answer within 5 s")


@pytest.mark.parametrize(("status", "says"), [(404, "could not load .*of gongzx"), (503, "answered 503")])
def test_a_hub_that_refuses_is_not_asked_again(status, says, online, monkeypatch):
    monkeypatch.setattr(Answering, "status", status)
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        online(f"http://127.0.0.1:{server.server_port}")
        expect_soon(lambda: cc2017._download(ABSENT), says)
        server.shutdown()


@pytest.mark.parametrize("kind", ["autoencoder", "vit", "git", "open_clip"])
def test_no_library_fetches_weights_unasked(kind, online, silent, monkeypatch, tmp_path):
    """diffusers, transformers with and without a processor, open_clip."""
    online(silent)
    monkeypatch.setenv("NEUROCLIPS_MODELS", str(tmp_path / "models"))
    source = "hf-hub:nobody/none" if kind == "open_clip" else "nobody/none"
    far = Zoo("far " + kind, (Part("it", kind, source, size=1.5, licence="MIT"),))
    started = time.monotonic()
    with pytest.raises(MissingError, match=r"has no it on this machine .*none in .*1.5 GB, MIT\): neuroclips download"):
        load_part(far, "it", "cpu")
    assert time.monotonic() - started < 5


def test_what_was_fetched_before_is_used_without_a_connection(online, tmp_path):
    online("http://127.0.0.1:9")
    home = tmp_path / "cache" / "models--some--codec"
    vae = AutoencoderKL(block_out_channels=(8,), norm_num_groups=4)
    vae.save_pretrained(home / "snapshots" / ("0" * 40))
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("0" * 40)
    near = Zoo("near", (Part("codec", "autoencoder", "some/codec", size=1.0),))
    loaded = load_part(near, "codec", "cpu").vae
    assert all(torch.equal(value, loaded.state_dict()[name]) for name, value in vae.state_dict().items())
    assert not constants.HF_HUB_OFFLINE


def test_what_is_wrong_for_other_reasons_is_told_as_it_is(monkeypatch):
    with pytest.raises(InputError, match="^mine$"), hub.fetching("it", "do that"):
        raise InputError("mine")
    with pytest.raises(RuntimeError, match="size mismatch"), hub.fetching("it", "do that"):
        raise RuntimeError("size mismatch for weight")


def typed(words, tmp_path, **environment):
    """What a command says without a way to the hub, and the seconds that it takes."""
    given = {key: value for key, value in os.environ.items() if key not in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}
    given |= {"HTTPS_PROXY": "http://127.0.0.1:9", "HF_HOME": str(tmp_path / "home")}
    given |= {"NEUROCLIPS_MODELS": str(tmp_path / "models")} | environment
    command, started = [sys.executable, "-m", "neuroclips", *words], time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and not (tmp_path / "out").exists()
    assert len(done.stderr.splitlines()) <= 1, done.stderr
    return done.stdout + done.stderr, time.monotonic() - started


def test_the_command_line_behind_a_closed_proxy_prints_one_line(tmp_path):
    said, _ = typed(["reconstruct", "--dataset", "cc2017", "--out", str(tmp_path / "out")], tmp_path)
    assert "huggingface.co gave no answer" in said, said


def test_a_zoo_that_was_not_fetched_is_told_at_once_with_every_role_and_the_command(tmp_path):
    out = ["--out", str(tmp_path / "out")]
    said, seconds = typed(["reconstruct", "--zoo", "paper", *out], tmp_path)
    assert seconds < 10 and said.startswith("neuroclips: zoo paper has no codec, keyframe codec, keyframes, captioner/")
    assert "neuroclips download --zoo paper, or take --zoo demo; nor perception, semantic, prior of subject 1" in said
    said, _ = typed(["reconstruct", "--zoo", "paper", "--no-beta", *out, "--reconstructors", "own"], tmp_path)
    assert (
        "keyframes" not in said and "captioner" not in said and "--role codec --role " in said and "; nor" not in said
    )


def test_a_download_without_a_way_to_the_hub_is_one_line(tmp_path):
    said, seconds = typed(["download", "--zoo", "paper", "--role", "codec"], tmp_path)
    assert seconds < 10 and "could not load what there is of stable-diffusion-v1-5" in said and "goes on where" in said


def test_a_silent_hub_is_asked_once(online, silent, monkeypatch):
    asked = []
    monkeypatch.setattr(hub, "_ask", lambda address: asked.append(address) or "it said nothing")
    online(silent)
    for _ in range(3):
        with pytest.raises(MissingError, match="it said nothing; OSError: no file"), hub.fetching("x", "leave it"):
            raise OSError("no file")
    assert asked == [silent] and not constants.HF_HUB_OFFLINE


def test_a_full_disk_is_not_called_a_lost_connection(online, silent, monkeypatch):
    monkeypatch.setattr(hub, "_ask", lambda address: "")
    online(f"{silent}/other")
    with pytest.raises(OSError, match="No space"), hub.fetching("x", "leave it"):
        raise OSError(errno.ENOSPC, "No space left on device")
