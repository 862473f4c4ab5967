# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the mfwd authors
"""Medians, their spread, and the interval of a ratio."""
import random
import statistics

RESAMPLES = 4000
SEED = 20260225


def median(values):
    return statistics.median(values)


def mad(values):
    """Median absolute deviation from the median."""
    middle = median(values)
    return median([abs(v - middle) for v in values])


def mad_percent(values):
    middle = median(values)
    return 100.0 * mad(values) / middle if middle else 0.0


def ratio_interval(tops, bottoms, level=0.95):
    """Ratio of the medians with its bootstrap interval: pairs are drawn, not single runs,
    so that what slowed both runs of a pair stays out of the ratio."""
    assert len(tops) == len(bottoms) and tops
    draw = random.Random(SEED)
    pairs = list(zip(tops, bottoms))
    ratios = []
    for _ in range(RESAMPLES):
        sample = draw.choices(pairs, k=len(pairs))
        ratios.append(median([a for a, _ in sample]) / median([b for _, b in sample]))
    ratios.sort()
    cut = int(len(ratios) * (1.0 - level) / 2.0)
    return median(tops) / median(bottoms), ratios[cut], ratios[-1 - cut]
