"""What stands behind the page: a run that stops when nobody listens, and the numbers of the map."""

import threading

import numpy as np

from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.weights_map import mean_weight, to_cortex
from neuroclips.reconstructors import weights
from neuroclips.types import Request, Settings, Step
from neuroclips.ui import page, session
from tests.conftest import DEMO


def test_the_page_builds_with_every_tab():
    assert page.build() is not None
    assert [tab.id for tab in page.TABS] == [
        "explore",
        "ablate",
        "brain",
        "evaluate",
        "train",
        "yours",
        "play",
        "about",
    ]
    assert "Simulated data, demo models" in page.HEAD


def test_closing_the_stream_stops_the_work():
    before = set(threading.enumerate())
    events = session.stages(Request(1, 9, Settings(video_steps=25)))
    for event in events:
        if getattr(event, "step", None) == Step.VIDEO and event.fraction > 0:
            break
    busy = {t for t in set(threading.enumerate()) - before if t.daemon and "run" in t.name}
    assert busy  # the worker of this reconstruction
    events.close()
    assert not any(t.is_alive() for t in busy)


def test_flat_map_shows_weights_where_there_are_voxels(data):
    values = mean_weight(weights.load(DEMO / "subject1" / "perception").voxel_weights.numpy(), "robust")
    index = data.vertex_index(1)
    cortex = to_cortex(values, index)
    assert values.shape == index.shape and 0 <= values.min() and values.max() <= 1
    assert np.isfinite(cortex[index]).all() and np.isnan(cortex).mean() > 0.3
    area = load_cortex().area[index]
    assert values[area == "V1"].mean() > values[np.isin(area, ["TF", "PGs", "TE1p"])].mean()  # perception is early
