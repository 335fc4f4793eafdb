"""N-way classification: whether a judge sees the true class in a film rather than N - 1 others drawn at random.

A trial of the field's programs draws N - 1 wrong classes without replacement, and is a hit where a true class is among
the K that score best of them all. What they estimate by 100 trials has a closed form, given here for any N, K and
number of true classes; the sampled version is for comparison.
"""

from __future__ import annotations

import numpy as np

from neuroclips.errors import InputError


def most_ways(n_classes: int, truths: int = 1) -> int:
    """The largest N that a judge of `n_classes` can do, where `truths` leading classes count as true."""
    return n_classes - truths + 1


def chance(n: int, truths: int = 1, top: int = 1) -> float:
    """The score of a judge that knows nothing: a true class among the K = `top` best of N - 1 + truths classes.

    1 / N for one true class, 3 / (N + 2) for three: 2-way chance 0.75, 50-way 0.058.
    """
    misses = [(n - 1 - k) / (n - 1 + truths - k) for k in range(top)]  # wrong classes hold all K places
    return 1 - float(np.prod(misses))


def exact(logits: np.ndarray, truth_logits: np.ndarray, n: int, truths: int = 1, top: int = 1) -> np.ndarray:
    """Probability (...) of a hit, over all draws.

    logits, truth_logits : (..., n_classes), of the film and of the truth. With M = n_classes - truths wrong classes, g
    of which score at least as well as the best true one,
        P = sum over j < K of C(g, j) C(M - g, N - 1 - j) / C(M, N - 1).
    Of classes that score the same the wrong one wins, so that a judge without an opinion scores 0.
    Raises InputError where N is more than the judge can do, and for logits that are NaN.
    """
    above, wrong = _above(logits, truth_logits, n, truths)
    return hits(np.arange(wrong + 1), wrong, n, top)[above]


def hits(above: np.ndarray, others: np.ndarray | int, n: int, top: int = 1) -> np.ndarray:
    """Probability (...) that among n - 1 drawn of `others` (...) fewer than `top` are of the `above` (...) better ones.

    The distribution function of the hypergeometric distribution.
    """
    drawn = _log_choose(others, n - 1)
    terms = [_log_choose(above, j) + _log_choose(others - above, n - 1 - j) - drawn for j in range(min(top, n))]
    return np.minimum(np.exp(terms).sum(0), 1.0)


def sampled(
    logits: np.ndarray,
    truth_logits: np.ndarray,
    n: int,
    generator: np.random.Generator,
    truths: int = 1,
    top: int = 1,
    trials: int = 100,
) -> np.ndarray:
    """The share (...) of `trials` random draws that hit; shapes and errors are those of `exact`.

    Only how many of the drawn ones score above the true class matters, so that number is drawn: hypergeometric.
    """
    above, wrong = _above(logits, truth_logits, n, truths)
    drawn = generator.hypergeometric(above, wrong - above, n - 1, (trials, *above.shape))
    return (drawn < top).mean(0)


def _above(logits: np.ndarray, truth_logits: np.ndarray, n: int, truths: int) -> tuple[np.ndarray, int]:
    """g (...), the wrong classes that score at least as well as the best true one, and how many are wrong."""
    n_classes = logits.shape[-1]
    most = most_ways(n_classes, truths)
    if truth_logits.shape != logits.shape:
        raise InputError(f"got logits {logits.shape} and true ones {truth_logits.shape}, expected the same shape")
    if not 2 <= n <= most:
        raise InputError(f"got n = {n}, expected 2 to {most}, what the judge of {n_classes} classes can do")
    if np.isnan(logits).any() or np.isnan(truth_logits).any():
        raise InputError("got logits that are NaN, expected numbers: check the films and the precision of the judge")
    if truths == 1:
        true = truth_logits.argmax(-1)[..., None]
    else:
        true = np.argpartition(truth_logits, n_classes - truths, axis=-1)[..., -truths:]
    scores = np.take_along_axis(logits, true, -1)  # (..., truths)
    best = scores.max(-1, keepdims=True)
    return (logits >= best).sum(-1) - (scores >= best).sum(-1), n_classes - truths


def _log_choose(total: np.ndarray | int, k: int) -> np.ndarray:
    """log C(total, k); minus infinity where total < k."""
    from scipy.special import gammaln  # here, as chance, which a page asks for, needs no scipy

    rest = np.subtract(total, k)
    logs = gammaln(np.add(total, 1.0)) - gammaln(np.maximum(rest, 0) + 1.0) - gammaln(k + 1.0)
    return np.where(rest >= 0, logs, -np.inf)
