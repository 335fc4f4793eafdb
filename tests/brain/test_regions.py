"""Words of regions: areas, groups, hemispheres and discs of a brush; what is meant by none is refused."""

import numpy as np
import pytest

from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.regions import GROUPS, MORE, rows_of
from neuroclips.errors import InputError
from neuroclips.simulation.areas import RESPONSIVE


@pytest.mark.parametrize("group", [*MORE, *GROUPS])
def test_a_group_is_typed_by_its_name_alone_or_among_others(group):
    areas = (MORE | GROUPS)[group]
    assert (rows_of(group) == np.isin(load_cortex().area, areas)).all()
    assert (rows_of(f"{group}, 4") == np.isin(load_cortex().area, (*areas, "4"))).all()


def test_the_twelve_groups_part_all_areas_that_the_simulated_brains_see_with():
    assert sorted(sum(GROUPS.values(), ())) == sorted(RESPONSIVE) and len(GROUPS) == 12


def test_halves_and_discs():
    cortex, mt = load_cortex(), rows_of("L_mt")
    assert mt.any() and cortex.left[mt].all() and (rows_of("MT") & cortex.left == mt).all()
    disc = rows_of("disc:700:180:20")
    assert 100 < disc.sum() < 2000 and not cortex.left[disc].any()
    assert (rows_of("disc:700:180:20,L_MT") == (disc | mt)).all()
    assert rows_of("disc:700:180:21").sum() > disc.sum() and not rows_of("disc:0:0:1").any()


@pytest.mark.parametrize(
    ("words", "told"),
    [("V11", "V1"), ("erly visual", "early visual"), ("X_V1", "V1"), ("disc:1:2", "disc:412:180:20"), (" ,", "V1,FFC"),
     ("disc:0:0:1e300", "900"), ("disc:nan:0:3", "900"), ("disc:1:2:-3", "900")],
)  # fmt: skip
def test_what_names_no_cortex_is_refused_with_what_is_near(words, told):
    with pytest.raises(InputError, match="expected") as refused:
        rows_of(words)
    assert told in str(refused.value)
