"""Tables of docs/results.md: the frozen models of the demo zoo, and their settings."""

from __future__ import annotations

from collections.abc import Iterator

from tabulation import (
    HALF,
    NAMES,
    OF_12,
    OF_41,
    TWO_WAY,
    number,
    percent,
    rows_of,
    score,
    since,
    stored,
    table,
    trained,
)

# model, what, section and row of zoo.json, part and bar of its training.json, chance
PERFECT = (
    ("CLIP", "zero-shot class", "images", "clip class", "clip", "class", OF_41),
    ("", "zero-shot scene", "images", "clip scene", "clip", "scene", OF_12),
    ("", "frame for a sentence, of 300", "images", "clip caption to frame", "clip", "caption to frame", "about 2%"),
    ("BLIP-2", "noun", "images", "blip2 noun", "captioner", "noun", OF_41),
    ("", "scene", "images", "blip2 scene", "captioner", "scene", OF_12),
    ("GIT, from tokens", "noun", "images", "git noun", "git", "noun", OF_41),
    ("", "scene", "images", "git scene", "git", "scene", OF_12),
    ("keyframes", "class, from true tokens", "images", "keyframe class, true tokens", "keyframes", "class", OF_41),
    ("motion adapter", "class, from text alone", "videos", "text alone, class", "video", "text alone", OF_41),
    (
        "SparseCtrl",
        "class, keyframe and text",
        "videos",
        "keyframe and text, class",
        "video",
        "keyframe and text",
        OF_41,
    ),
    ("judges", "frame: class", "images", "frame judge", "frame_judge", "class", OF_41),
    ("", "video: class and motion", "videos", "video judge", "video_judge", "action", "1%"),
)
DECODED = {"noun, keyframes": OF_41, "scene, keyframes": OF_12}  # scores of the captioner's training.json, and chance
# label, section of settings.json, and of zoo.json: swaps by the same models at the same setting
SHIPPED, OF_10 = "shipped", "video_start=0.5,video_guidance=2"
SETTINGS = (
    ("shipped: 67 %, 1", SHIPPED, "swaps"),
    ("0.10 to 0.12: 50 %, 2", OF_10, "swaps, models of 0.10"),
    ("... 50 %, 1.5", "video_start=0.5,video_guidance=1.5", None),
    ("... 50 %, 1.75", "video_start=0.5,video_guidance=1.75", None),
    ("... 50 %, 2.5", "video_start=0.5,video_guidance=2.5", None),
    ("... 50 %, 3.5", None, "swaps, models of 0.10, guidance 3.5"),
    ("... 50 %, 2, keyframe in both halves", f"{OF_10}, keyframe in both halves of guidance", None),
    ("0.9: 50 %, 3.5", "models of 0.9, video_start=0.5,video_guidance=3.5", "swaps, models of 0.9, guidance 3.5"),
    ("0.9: 50 %, 2", "models of 0.9, video_start=0.5,video_guidance=2", "swaps, models of 0.9, guidance 2"),
    ("0.9: 67 %, 2", "models of 0.9, video_start=0.67,video_guidance=2", None),
    ("0.8, captioner of 0.9: 67 %, 2", "models of 0.8, captioner of 0.9, video_start=0.67", "swaps, models of 0.8"),
    ("0.8: 67 %, 2", "models of 0.8, video_start=0.67", "swaps, models of 0.8"),
)
OF_FILMS = ("ssim", "psnr", *TWO_WAY)
OF_CLASS = ("film class", "film class and motion")
WON = ("text and keyframe: class of B", "blurry video: layout of B")


def zoo() -> str:
    """Every frozen model given perfect inputs, beside its bar and chance."""
    lines = [codec()]
    for model, what, section, row, part, bar, chance in PERFECT:
        value, bar = rows_of("zoo", section)[row], trained(part)["bars"].get(bar)
        lines.append([model, what, percent(value), percent(bar, 0), chance])
    decoded = trained("captioner")["scores"]
    lines += [
        ["BLIP-2", f"{name} as decoding gives them", percent(decoded[name]), "", c] for name, c in DECODED.items()
    ]
    head = ["model", "what", "measured", "bar", "chance"]
    return table(head, [*lines, keyframe_likeness()], since("zoo", "images", "videos"))


def codec() -> list[str]:
    decibels, bar = rows_of("zoo", "images")["codec psnr [dB]"], trained("codec")["bars"]["psnr"]
    return ["codec", "signal-to-noise", f"{decibels:.1f} dB", f"{bar:.0f} dB", ""]


def keyframe_likeness() -> list[str]:
    likeness = rows_of("zoo", "videos")["keyframe and text, likeness to the keyframe"]
    bar = trained("video")["bars"]["likeness"]
    return ["SparseCtrl", "CLIP likeness of all frames to the keyframe", number(likeness), f"{bar:g}", ""]


def solvers() -> str:
    """The fast setting beside the paper's, all guidances from the true clip."""
    rows, lines = rows_of("zoo", "videos"), []
    for name, key in (("fast", "fast"), ("paper's", "paper")):
        shares = [percent(rows[f"all guidances, {what}, {key}"]) for what in ("class", "action")]
        pixels = number(rows[f"all guidances, pixel correlation, {key}"])
        lines.append([name, *shares, pixels, number(rows[f"seconds per video, {key}"], 1)])
    lines.append(["chance", OF_41, "1%", "", ""])
    head = ["setting", "judged class", "judged class and motion", "pixel correlation", "seconds per film, one core"]
    return table(head, lines, since("zoo", "videos"))


def swaps() -> str:
    """Which of two clips a film shows and looks like, by what was taken from the second."""
    rows = rows_of("zoo", "swaps")
    lines = [
        [kind, *(percent(rows[f"{kind}: {what} of B"], 0) for what in ("class", "layout"))]
        for kind in ("nothing", "text", "keyframe", "text and keyframe", "blurry video")
    ]
    head = ["from B", "film shows B rather than A", "film looks like B rather than A"]
    return table(head, lines, since("zoo", "swaps"))


def contests() -> str:
    """Words and keyframe of one clip against the blurry video of another, by steps, start and guidance."""
    prefix = "contests, "
    sections = [name for name in stored("zoo") if name.startswith(prefix)]
    lines = [
        [section.removeprefix(prefix), *(percent(value, 0) for value in rows_of("zoo", section).values())]
        for section in sections
    ]
    head = ["setting", "class of words and keyframe wins", "layout of the blurry video wins"]
    return table(head, lines, since("zoo", *sections))


def of_settings() -> Iterator[tuple[str, str, dict, dict]]:
    """Label, version, scores and swaps of every setting: those with a label first, then what else was measured."""
    named = {setting for _, setting, _ in SETTINGS}
    others = [(name, name, None) for name in stored("settings") if name not in named and not name.endswith("edges")]
    for label, setting, swapped in (*SETTINGS, *others):
        version = stored("settings")[setting]["version"] if setting else stored("zoo")[swapped]["version"]
        yield (
            label,
            version,
            rows_of("settings", setting) if setting else {},
            rows_of("zoo", swapped) if swapped else {},
        )


def settings() -> str:
    """Validation films, at several settings and with older models, beside what steers what."""
    lines = [
        [
            label,
            version,
            *(score(key, row.get(key)) for key in OF_FILMS),
            *(percent(row.get(key)) for key in OF_CLASS),
            *(percent(steered.get(key), 0) for key in WON),
        ]
        for label, version, row, steered in of_settings()
    ]
    lines.append(["chance", "", "", "", HALF, HALF, OF_41, "1%", "", ""])
    head = ["model: start, guidance", "version", *(NAMES[key] for key in OF_FILMS)]
    return table([*head, "film's class", "... and motion", "shows B", "looks like B"], lines)


def with_a_cut() -> str:
    """The same scores on clips with a cut."""
    lines = [
        [label, version, *(score(key, row[f"{key}, with a cut"]) for key in OF_FILMS)]
        for label, version, row, _ in of_settings()
        if "ssim, with a cut" in row
    ]
    head = ["model: start, guidance", "version", *(NAMES[key] for key in OF_FILMS)]
    return table(head, [*lines, ["chance", "", "", "", HALF, HALF]])


def of_motion() -> dict[str, str]:
    """Numbers in sentences: how often class and motion are judged right, and what a guess is worth."""
    videos = rows_of("zoo", "videos")
    return {
        "action_alone": percent(videos["text alone, action"]),
        "action_both": percent(videos["keyframe and text, action"]),
        "action_full": percent(videos["all guidances, action, fast"]),
        "action_judge": percent(videos["video judge"]),
        "action_guess": percent(rows_of("zoo", "chance")["action, the class being right"]),
        "guess_version": since("zoo", "chance").removesuffix(".").lower(),
    }


def numbers() -> dict[str, str]:
    """Single numbers that stand in sentences."""
    places, shipped = rows_of("zoo", "places"), rows_of("settings", SHIPPED)
    return of_motion() | {
        "place_class": percent(places["class of words and keyframe"], 0),
        "place_layout": percent(places["place of the blurry video"], 0),
        "places_version": since("zoo", "places"),
        "noun_blip2": percent(shipped["noun, blip2"], 0),
        "noun_git": percent(shipped["noun, git"], 0),
        "keyframe_class": percent(shipped["keyframe class"], 0),
    }


TABLES = {
    "zoo": zoo,
    "solvers": solvers,
    "swaps": swaps,
    "contests": contests,
    "settings": settings,
    "with_a_cut": with_a_cut,
}
