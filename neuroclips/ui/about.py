"""The About tab: the method, what is simulated, the models, limits, licences, privacy, and the way in from outside."""

from __future__ import annotations

from html import escape

import gradio as gr

from neuroclips import __version__
from neuroclips.data.registry import load_dataset
from neuroclips.ui import about_facts, about_steps
from neuroclips.ui.web import Widget

PAPER = "https://arxiv.org/abs/2410.19452"
BIBTEX = """@inproceedings{gong2024neuroclips,
  title     = {NeuroClips: Towards High-fidelity and Smooth fMRI-to-Video Reconstruction},
  author    = {Gong, Zixuan and Bao, Guangyin and Zhang, Qi and Wan, Zhongwei and Miao, Duoqian and
               Wang, Shoujin and Zhu, Lei and Wang, Changwei and Xu, Rongtao and Hu, Liang and
               Liu, Ke and Zhang, Yu},
  booktitle = {Advances in Neural Information Processing Systems 37 (NeurIPS 2024)},
  year      = {2024},
  url       = {https://arxiv.org/abs/2410.19452}
}"""
HERE = "http://127.0.0.1:7860"  # the page puts its own address in this place
PYTHON = f"""from gradio_client import Client  # pip install gradio_client

client = Client("{HERE}")
made = client.predict(subject=1, clip=0, seed=0, api_name="/reconstruct")
print(made["caption"], made["files"]["video"], made["scores"])
every = client.predict(subject=1, clip=0, api_name="/ablate")
client.view_api()  # every endpoint, with its names, types and descriptions"""
SHELL = """pip install -r requirements.txt
python -m neuroclips reconstruct --subject 1 --clip 0 --seed 0 --out outputs
python -m neuroclips evaluate --subject 1
python -m neuroclips --help"""


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside an open gr.Blocks; static/about.js livens it."""
    Widget("about", html=page(), elem_id="about")


def page() -> str:
    """All of it as HTML."""
    parts = (_head(), about_steps.steps(), _cards(), _models(), _from_outside(), _cite())
    return f'<div class="ab">{"".join(parts)}</div>'


def _head() -> str:
    return f"""<header class="ab-head"><div><p class="ab-kicker">NeuroClips {__version__} · open source, Apache-2.0</p>
<h2>From a brain scan to a film</h2>
<p>This page runs the method of <a href="{PAPER}">NeuroClips</a> (Gong et al., NeurIPS 2024): it turns two seconds of
fMRI, recorded while somebody watches a film, into two seconds of film. Here the films and the brains are
<b>simulated</b> and the models are small <b>demo</b> models, so everything can be tried, switched off and checked
against a truth that is known.</p></div>{about_steps.pair()}</header>"""


def _cards() -> str:
    info = load_dataset().info
    voxels = ", ".join(f"{n:,}" for n in info.n_voxels.values())
    cards = {
        "What is simulated": f"""<p>The {info.n_clips} test clips are painted by a program in the shape of the cc2017
study: objects, scenes, cuts. {len(info.n_voxels)} simulated brains ({voxels} voxels on the cortex of fs_LR 32k) answer
them with receptive fields, semantic tuning, a blood response and noise. Nobody was scanned.</p>
<p>Films that are marked <b>precomputed</b> were made by the same commands before, the others are computed now.</p>""",
        "Limits": """<ul><li>Numbers come from demo judges on simulated data: they cannot be compared with the
paper's.</li><li>Films are softer than their keyframes, and a clip with a cut is mostly decoded as one shot.</li>
<li>Simulated brains are simpler than brains: no eye movements, no attention, one shape of the blood response.</li>
<li>The paper's own models are in the table below, but none of them was ever run here.</li>
<li>This reads no minds: a model knows only the person and the kind of film that it was trained on.</li></ul>""",
        "Privacy": """<p>No account, no tracking, nothing fetched from other servers. What is kept:</p>
<ul><li>In memory: films of live runs and decoded steps. Newer ones take their place.</li>
<li>In memory: files that you bring, and what is made of them, until you close the page, untick the box, or use nothing
there for an hour. While a file is read there is a copy in a temporary folder of the server, deleted at once.</li>
<li>On disk, in the cache: true films, thumbnails, flat maps, and what training starts from.</li>
<li>On disk, until somebody deletes them: training runs, their weights and logs. A random word in your browser says
which run is yours.</li>
<li>Your score in the game stays in this tab of your browser.</li></ul>""",
        "Licences": f"""<ul><li>Code and weights: Apache-2.0.</li><li>Objects in the films: Fluent 3D emoji, © Microsoft
Corporation, © LobeHub, MIT.</li><li>Cortical meshes behind the flat map: HCP Open Access Data Use Terms.
<q>{escape(about_facts.acknowledgement())}</q></li>
<li>Areas: {escape(about_facts.areas_paper())}</li></ul>""",
    }
    inside = "".join(f'<section class="ab-card"><h2>{title}</h2>{text}</section>' for title, text in cards.items())
    return f'<div class="ab-columns">{inside}</div>'


def _models() -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(m.role)}<small>{m.does}</small></th><td><code>{escape(m.kind)}</code></td>'
        f"<td>{_size(m.size)}</td><td>{m.licence}</td><td>{escape(m.full_size)}</td></tr>"
        for m in about_facts.models()
    )
    total = f"{about_facts.shipped_bytes() / 1e6:.0f} MB"
    return f"""<section><h2>The demo zoo</h2><p>{len(about_facts.DOES)} roles, {total} in all (some share
files), trained by this repository's own commands on simulated films. They are of the same library classes as the
paper's models, at small sizes; the last column is what plays their part in the paper's zoo.</p>
<div class="ab-scroll" role="region" aria-label="Models of the demo zoo" tabindex="0"><table><thead><tr>
<th scope="col">Role</th><th scope="col">Class</th><th scope="col">Size</th><th scope="col">Licence</th>
<th scope="col">In the paper's zoo</th></tr></thead><tbody>{rows}</tbody></table></div></section>"""


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes > 1e5 else f"{n_bytes / 1e3:.0f} kB"


def _from_outside() -> str:
    return f"""<section><h2>Use it from outside</h2><div class="ab-cards">
<div class="ab-card"><h3>From Python, over this page's API</h3>{_code(PYTHON, "Python example")}</div>
<div class="ab-card"><h3>On the command line</h3><p>The page calls the same functions as
<code>python -m neuroclips</code>: <code>reconstruct</code>, <code>evaluate</code>, <code>train</code>,
<code>simulate</code>, <code>preprocess</code>.</p>{_code(SHELL, "Commands")}</div></div></section>"""


def _cite() -> str:
    return f"""<section><h2>Cite the method</h2><div class="ab-card">{_code(BIBTEX, "BibTeX entry")}</div></section>"""


def _code(text: str, name: str) -> str:
    button = f'<button type="button" class="ab-copy" aria-label="Copy: {name}">Copy</button>'
    return f'<div class="ab-code">{button}<pre tabindex="0" aria-label="{name}"><code>{escape(text)}</code></pre></div>'
