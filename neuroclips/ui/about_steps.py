"""The method in six steps, each with what it really made of one clip."""

from __future__ import annotations

from html import escape

from neuroclips import precomputed
from neuroclips.data.registry import load_dataset
from neuroclips.types import Step
from neuroclips.ui import about_facts, catalogue
from neuroclips.zoo import zoo_named


def steps() -> str:
    """The section as HTML; addresses of files are for about.js to complete."""
    found = about_facts.example()
    items = "".join(_card(number, *step) for number, step in enumerate(_told(found), 1))
    said = ""
    if found:
        said = f"""Pictures: what each step made of clip {found["clip"]} of simulated subject {found["subject"]},
<b>precomputed</b>; the subject's best clip by score ({precomputed.BY}). """
    return f"""<section><h2>The method in six steps</h2><ol class="ab-steps">{items}</ol>
<p class="ab-aside">{said}α, β and γ are the guidances that the page can switch off. No step is given true frames,
captions or classes of the clip that it decodes.</p></section>"""


def pair() -> str:
    """The true film of the example beside the reconstructed one."""
    if not (found := about_facts.example()):
        return ""
    truth = _film(_kept(f"/_nc/truth/{found['clip']}.mp4"), f"true film of clip {found['clip']}, simulated")
    return f"""<div class="ab-pair"><figure>{truth}<figcaption>was shown</figcaption></figure>
<figure>{_shown(found, Step.VIDEO)}<figcaption>was decoded</figcaption></figure></div>"""


def _told(found: dict | None) -> list[tuple[str, str, str, str]]:
    """Name, guidance, picture and words of each step."""
    settings, n_voxels = zoo_named().settings, load_dataset().info.n_voxels
    n_tokens, width = about_facts.tokens()
    size = f"{n_tokens} tokens of {width} numbers"
    voxels, words = "", ""
    if found:
        voxels, words = f"{n_voxels[found['subject']]:,} voxels → {size}", found["caption"]
    film = f"""A video model denoises {settings.n_video_frames} frames at {settings.fps} per second, from the blurry
film on (θ = {settings.theta:g}), held to keyframe and words."""
    return [
        (
            "Look",
            "α",
            _shown(found, Step.BLURRY_VIDEO),
            "Voxels become a blurry film: where things are, how they move.",
        ),
        ("Understand", "", _big(voxels), "The same voxels become brain tokens: what there is to see."),
        (
            "Imagine",
            "",
            _big(size),
            f"A diffusion prior makes image tokens: the mean of {settings.prior_samples} samples.",
        ),
        (
            "Draw",
            "β",
            _shown(found, Step.KEYFRAME),
            "A keyframe is drawn from the tokens, from the first blurry frame on.",
        ),
        ("Tell", "γ", _big(words and f"“{words}”"), "A captioner puts the keyframe into words."),
        ("Film", "", _shown(found, Step.VIDEO), film),
    ]


def _card(number: int, name: str, guidance: str, picture: str, words: str) -> str:
    sign = f" <i>{guidance}</i>" if guidance else ""
    return f"""<li><div class="ab-picture">{picture}</div>
<h3><span class="ab-number">{number}</span>{name}{sign}</h3><p>{words}</p></li>"""


def _big(text: str) -> str:
    return f"<span>{escape(text)}</span>"


def _shown(found: dict | None, step: Step) -> str:
    """The stored film or picture of a step."""
    if not found:
        return ""
    path = precomputed.files(found["subject"], found["clip"])[step]
    address = _kept(f"/_nc/stored/{found['subject']}/{found['clip']}/{path.name}")
    name = f"{step} of clip {found['clip']}, precomputed"
    if path.suffix == ".mp4":
        return _film(address, name)
    return f'<img data-src="{address}" alt="{name}">'


def _kept(address: str) -> str:
    """As static/data.js asks for it, so that a browser has each file once."""
    return f"{address}?made={catalogue.made(load_dataset().info.n_voxels)}"


def _film(address: str, name: str) -> str:
    return f'<video data-src="{address}" muted loop playsinline aria-label="{name}"></video>'
