"""The score table shows every score beside its floor and, where guessing has one, its chance."""

import re

from neuroclips.metrics.scores import ABOUT, ScoredBeside, Scores
from neuroclips.ui import panels

SCORED = ScoredBeside(Scores(0.25, 15.5, 0.875, 0.75, 0.96), Scores(0.5, 14.0, 0.5, 0.25, 1.0))


def test_every_score_has_its_row():
    cells = re.findall(r"<td>(.*?)</td>", panels.score_table(SCORED))
    rows = [cells[i : i + 4] for i in range(0, len(cells), 4)]
    assert len(rows) == len(ABOUT)
    assert rows[1] == ["PSNR [dB] ↑", "15.500", "14.000", ""]
    assert rows[3] == ["video 2-way ↑", "0.750", "0.250", "0.5"]


def test_there_is_no_table_without_scores():
    assert panels.score_table(None) == ""
