"""Fields of a frozen config, changed by words of the command line."""

import pytest

from neuroclips.configure import configure, parse_changes
from neuroclips.train.reconstructors.semantic import PRESETS


def test_fields_are_set_by_name():
    config = PRESETS["demo"]
    changed = configure(config, parse_changes(["network.dropout=0", "contrast=none", "ridge.mean_repeat=false"]))
    assert changed.network.dropout == 0.0 and changed.contrast == "none" and not changed.ridge.mean_repeat
    with pytest.raises(ValueError, match="got --set network.width, expected one of"):
        configure(config, {"network.width": 3})
    with pytest.raises(ValueError, match="expected a value like"):
        configure(config, {"joint": "perhaps"})
    with pytest.raises(ValueError, match="expected NAME=VALUE"):
        parse_changes(["contrast"])
