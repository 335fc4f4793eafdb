"""Flow and motion energy of films whose motion is known."""

import numpy as np
import pytest

from neuroclips.metrics.motion import ENERGY_PIXELS, FLOWS, _bank, energy_of, flow_of


@pytest.fixture(scope="module")
def still(data):
    """One true frame, bytes (3, 128, 128)."""
    return np.round(255 * data.stimulus(30, 6)[3].numpy()).astype(np.uint8)


def moving(frame, step, n=6):
    """A film (n, 3, H, W) of a frame that goes round by `step` (down, right) [pixels] at a time."""
    return np.stack([np.roll(frame, (step[0] * i, step[1] * i), (1, 2)) for i in range(n)])


@pytest.mark.parametrize(("kind", "off"), [("dis", 0.2), ("farneback", 0.5)])
def test_flow_of_a_known_step_is_that_step(kind, off, still):
    found = flow_of(moving(still, (0, 2), 3), kind, 128)
    assert found.shape == (2, 2, 64, 64)
    inside = found[:, :, 8:-8, 8:-8]
    assert np.abs(inside[:, 0] - 2).mean() < off and np.abs(inside[:, 1]).mean() < off
    assert kind in FLOWS


def test_flow_is_in_pixels_of_its_own_size_and_few_vectors_stand_for_all(still):
    rng = np.random.default_rng(0)
    texture = np.kron(rng.integers(0, 256, (1, 32, 32)), np.ones((3, 4, 4))).astype(np.uint8)  # (3, 128, 128)
    film = moving(texture, (0, 2), 2)
    small, large = flow_of(film, "farneback", 128), flow_of(film, "farneback", 512)
    assert large.shape == small.shape == (1, 2, 64, 64)
    assert np.median(large[0, 0]) == pytest.approx(8, abs=1) and np.median(small[0, 0]) == pytest.approx(2, abs=0.3)
    assert flow_of(film, "dis", 64).shape[-1] == 64 and np.abs(flow_of(film[[0, 0]], "dis", 128)).max() < 0.01


def test_energy_has_a_sign_for_direction_and_none_without_motion(still):
    right, left = energy_of(moving(still, (0, 4))), energy_of(moving(still, (0, -4)))
    down = energy_of(moving(still, (4, 0)))
    assert np.corrcoef(right, left)[0, 1] < -0.9 and abs(np.corrcoef(right, down)[0, 1]) < 0.6
    assert np.abs(energy_of(moving(still, (0, 0)))).max() < 1e-9 * np.abs(right).max()
    assert not energy_of(still[None]).any()


def test_energy_is_that_of_pymoten(data):
    """Its own projection, of every filter in the middle of the film, where no window leaves it."""
    import moten

    film = np.round(255 * data.stimulus(40, 6).numpy()).astype(np.uint8)
    gray = film.reshape(6, 3, ENERGY_PIXELS, 4, ENERGY_PIXELS, 4)
    assert gray.shape[-1] == 4  # 128 pixels
    from neuroclips.metrics.motion import _gray

    stimulus = np.stack([_gray(frame, ENERGY_PIXELS) for frame in film]) / 255
    pyramid = moten.pyramids.MotionEnergyPyramid(
        stimulus_vhsize=(ENERGY_PIXELS, ENERGY_PIXELS),
        stimulus_fps=3,
        temporal_frequencies=[1],
        spatial_frequencies=[2, 4, 8],
        filter_temporal_width=3,
    )
    whole = pyramid.project_stimulus(stimulus, output_nonlinearity=lambda x: x)[1:-1].mean(0)
    bank = _bank()
    expected = whole[bank.forth] - whole[bank.back]
    assert np.allclose(energy_of(film), expected, atol=1e-3 * np.abs(expected).max())
    directions = np.array([one["direction"] for one in pyramid.filters])
    assert np.array_equal(directions[bank.back] - directions[bank.forth], np.full(len(bank.forth), 180))
