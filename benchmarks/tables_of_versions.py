"""Table of docs/results.md: the demo zoo at 96 pixels (0.12) beside that at 128, on the same clips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import mean

from tabulation import HALF, OF_41, SUBJECTS, number, percent, rows_of, table

BEFORE, NOW = ", 0.12", ""  # how the sections of a version end
VALIDATION = {  # sections of settings.json; the models of 0.12 are those of 0.10
    BEFORE: ("video_start=0.5,video_guidance=2", "models of 0.12, edges"),
    NOW: ("shipped",),
}
Rows = Mapping[str, float]


def versions() -> str:
    """One row for each measurement, both versions and chance."""
    lines = [[what, *(shown(value(end)) for end in (BEFORE, NOW)), chance] for what, value, shown, chance in MEASURED]
    return table(["", "0.12, 96 pixels", "0.13, 128 pixels", "chance"], lines)


def of_web(name: str) -> Callable[[str], float | None]:
    return lambda end: rows_of("zoo", f"images{end}").get(name)


def of_validation(name: str, of: str = "") -> Callable[[str], float | None]:
    """A mean over the validation clips; as a share of another one where there is one."""

    def value(end: str) -> float | None:
        rows: dict = {}
        for section in VALIDATION[end]:
            rows |= rows_of("settings", section)
        return rows[name] / rows[of] if of else rows[name]

    return value


def of_test(name: str) -> Callable[[str], float]:
    return lambda end: mean(rows_of("scores", f"subject {s}{end}")[name] for s in SUBJECTS)


def seconds(end: str) -> float:
    return rows_of("timing", f"seconds per step{end}")["in all"]


def two_digits(value: float | None) -> str:
    return number(value, 2)


MEASURED = (  # what, its value in a version, how it is shown, chance
    ("held-out web films: codec, PSNR [dB]", of_web("codec psnr [dB]"), two_digits, ""),
    ("... keyframes of true tokens, class", of_web("keyframe class, true tokens"), percent, OF_41),
    ("validation clips: keyframe, class", of_validation("keyframe class"), percent, OF_41),
    ("... BLIP-2's noun, of the keyframe", of_validation("noun, blip2"), percent, OF_41),
    ("... GIT's noun, of the tokens", of_validation("noun, git"), percent, OF_41),
    ("... keyframe, edges (1 = true)", of_validation("edges, keyframe", "edges, true"), two_digits, ""),
    ("... film, class", of_validation("film class"), percent, OF_41),
    ("... film, class and motion", of_validation("film class and motion"), percent, "1%"),
    (
        "... film, edges of the first frame (1 = true)",
        of_validation("edges, first frame", "edges, true"),
        two_digits,
        "",
    ),
    (
        "... film, edges of the last frame (1 = first)",
        of_validation("edges, last frame", "edges, first frame"),
        two_digits,
        "",
    ),
    ("... SSIM", of_validation("ssim"), number, ""),
    ("... PSNR [dB]", of_validation("psnr"), two_digits, ""),
    ("... frame 2-way", of_validation("frame 2 way"), number, HALF),
    ("... video 2-way", of_validation("video 2 way"), number, HALF),
    ("validation clips with a cut: SSIM", of_validation("ssim, with a cut"), number, ""),
    ("... frame 2-way", of_validation("frame 2 way, with a cut"), number, HALF),
    ("... video 2-way", of_validation("video 2 way, with a cut"), number, HALF),
    ("300 test clips, mean of three subjects: SSIM", of_test("ssim, video"), number, ""),
    ("... PSNR [dB]", of_test("psnr, video"), two_digits, ""),
    ("... frame 2-way", of_test("frame 2 way, video"), number, HALF),
    ("... video 2-way", of_test("video 2 way, video"), number, HALF),
    ("... retrieval, top-1 of 300", of_test("retrieval"), percent, "0.3%"),
    ("seconds of a live reconstruction", seconds, two_digits, ""),
)
TABLES = {"versions": versions}
