"""A report as lines for a terminal, in which no score stands alone: interval, floors, ceiling, chance, p beside it."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from neuroclips.evaluation.conditions import CEILING, CONDITIONS
from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.registry import METRICS

HEAD = ("score", "value", "95 % interval", "flat", "shuffled", "ceiling", "share", "chance", "p")
WIDTHS = (22, 8, 17, 8, 9, 8, 7, 7, 6)


def lines(report: dict) -> list[str]:
    """Of every subject and protocol: the full model metric by metric, then every other condition."""
    made = report["made"]
    data = f"{'simulated' if made['simulated'] else 'measured'} data, {made['judges']} judges"
    found = [f"{data}; brackets are 95 % intervals over minutes of film; p is against truths shifted in time"]
    for who, of in report["subjects"].items():
        for protocol, part in of["protocols"].items():
            found += ["", f"subject {who}, {part['conditions']['full']['n']} clips, protocol {protocol}"]
            found += [_row(HEAD), *_scores(part, protocol), *_others(part)]
        found += list(_retrieved(of.get("retrieval", {})))
    return found


def _scores(part: dict, protocol: str) -> Iterator[str]:
    conditions = part["conditions"]
    for name, score in conditions["full"]["metrics"].items():
        metric, share = METRICS[name], part["share"].get(name)
        beside = [_value(conditions, at, name) for at in ("flat", "shuffled", CEILING)]
        chance = metric.chance(PROTOCOLS[protocol])
        p = part["permutation"].get(name, {}).get("p")
        shown = f"{share['value']:.0%}" if share and share["value"] is not None else "-"
        yield _row(
            (
                metric.about.title + ("" if metric.about.higher_is_better else ", less"),
                f"{float(score['value']):.3f}",
                _interval(score),
                *beside,
                shown,
                "-" if chance is None else f"{chance:.3g}",
                "-" if p is None else f"{p:.3f}",
            )
        )


def _others(part: dict) -> Iterator[str]:
    """Every other condition by the metrics that tables lead with, as value [interval]."""
    conditions = {name: at for name, at in part["conditions"].items() if name != "full"}
    metrics = [name for name in part["conditions"]["full"]["metrics"]][:4]
    if len(conditions) < 1:
        return
    yield "  " + "".join(f"{text:26}" for text in ("", *(METRICS[name].about.label for name in metrics)))
    for name, at in conditions.items():
        about = CONDITIONS[name]
        told = [f"{about.label}{' *' if at['precomputed'] else ''}", *(_told(at["metrics"].get(m)) for m in metrics)]
        yield "  " + "".join(f"{text:26}" for text in told).rstrip()
    if any(at["precomputed"] for at in part["conditions"].values()):
        yield "  * precomputed: films or scores that come with the product, of the same models"


def _retrieved(found: dict) -> Iterator[str]:
    for name, curve in found.items():
        at = f"{curve['top1'][-1]:.3f} {_interval({'ci': curve['ci'][-1]})}"
        yield f"  {name} retrieval, top-1 of {curve['pools'][-1]}: {at}, chance {curve['chance'][-1]:.4f}"


def _told(score: dict | None) -> str:
    return "-" if score is None else f"{float(score['value']):.3f} {_interval(score)}"


def _value(conditions: dict, name: str, metric: str) -> str:
    found = conditions.get(name, {}).get("metrics", {}).get(metric)
    return f"{float(found['value']):.3f}" if found else "-"


def _interval(score: dict) -> str:
    ends = [float("nan") if end is None else float(end) for end in score["ci"]]
    return "no interval" if any(map(isnan, ends)) else f"[{ends[0]:.3f}, {ends[1]:.3f}]"


def _row(cells: tuple[str, ...]) -> str:
    return "  " + " ".join(f"{cell:{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()
