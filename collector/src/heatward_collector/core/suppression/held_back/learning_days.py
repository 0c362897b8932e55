"""Which days of the window places are learnt from, and which of the others hide no stop."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.by_day.history import History, Series
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.held_back.cut import DAY_S, Cut
from heatward_collector.core.suppression.homes.network import Level, Network

WINDOW_DAYS = 60
"""Days that are looked back. [d]"""
LEAST_VOTES = 3
"""A place with fewer homes is not followed."""
QUIET_DAYS = 5
"""Days after a cut from which nothing is learnt: rooms warm slowly. [d] (detection.md)"""
SPOILT_SHARE = 0.4
"""With so many of the homes beside it in a cut, a place is not compared with them."""
RECOVERED = 0.05
"""Homes of which less than this share is left of an acute stop have had none for a fortnight. [1]
(project rule)"""


def learning_days(
    window: Series, history: History, cuts: tuple[Cut, ...], network: Network, level: Level
) -> Mask:
    """Say which days of a window places of a level are learnt from, (days, places).

    Those with votes enough and known weather, of no cut.
    """
    masked = masked_days(history, cuts, network, level)
    known = (window.homes >= LEAST_VOTES) & ~np.isnan(window.value)
    has_weather = np.asarray(~np.isnan(history.weather[-len(known) :]).any(axis=1))
    return np.asarray(known & ~masked & has_weather[:, None])


def masked_days(history: History, cuts: tuple[Cut, ...], network: Network, level: Level) -> Mask:
    """Say which days of the window nothing is learnt from, (days, places).

    A cut of a part of a source spoils every place that it covers for half, and every place beside
    which mostly its homes stand, and once it is over its source, too, of which it was most. A cut
    of a whole source spoils no comparison within it.
    """
    days = history.start_s[-WINDOW_DAYS:]
    masked = np.zeros((len(days), len(network.places[level])), bool)
    for cut in cuts:
        rows = (days >= cut.start_s - DAY_S) & (days < cut.until_s + QUIET_DAYS * DAY_S)
        if not rows.any() or not _may_spoil(cut, level):
            continue
        masked[np.ix_(rows, _spoilt(cut, network, level))] = True
    return masked


def _may_spoil(cut: Cut, level: Level) -> bool:
    """Say whether a cut may spoil places of a level: while a part of a source is down the source
    is still looked at, for all of it may be."""
    if level is Level.SOURCE:
        return cut.level is Level.SOURCE or cut.end_s is not None
    return cut.level is not Level.SOURCE


def _spoilt(cut: Cut, network: Network, level: Level) -> Mask:
    mine = network.of_home[cut.level] == network.places[cut.level].index(cut.place)
    group, count = network.of_home[level], len(network.places[level])
    inside = group >= 0
    homes = np.bincount(group[inside], minlength=count)
    shared = np.bincount(group[inside & mine], minlength=count)
    source = network.of_home[Level.SOURCE]
    same = inside & np.isin(source, source[mine])
    of_source = np.bincount(group[same], minlength=count) > 0
    beside = int(np.isin(source, source[mine]).sum()) - homes
    return np.asarray(
        (2 * shared >= np.maximum(homes, 1))
        | (of_source & ((mine.sum() - shared) > SPOILT_SHARE * np.maximum(beside, 1)))
    )


def fell_without_stop(history: History, places: Hierarchy, level: Level) -> Mask:
    """Say on which days places had no say for a fall that was no stop, (days, places).

    They were heard, and when their homes are compared again these have no stop to recover from:
    less heat came, and nothing else is hidden there.
    """
    series = history.series[level].last(WINDOW_DAYS)
    has_left = _left_next(series)
    if level is not Level.SOURCE:  # what a part has left is told beside the rest of its source
        of_source = _left_next(history.series[Level.SOURCE].last(WINDOW_DAYS))
        has_left = np.maximum(has_left, of_source[:, places.source[level]])
    is_heard = (series.homes < LEAST_VOTES) & ~np.isnan(series.coldest)
    return np.asarray(is_heard & (has_left < RECOVERED))


def _left_next(series: Series) -> Celsius:
    """Return what acute stops have left on the next day on which places vote, (days, places). [1]

    1 where none has come yet.
    """
    result = np.ones(series.homes.shape)
    left = np.ones(series.homes.shape[1])
    for row in range(len(result) - 1, -1, -1):
        left = np.where(series.homes[row] >= LEAST_VOTES, series.recovering[row], left)
        result[row] = left
    return result
