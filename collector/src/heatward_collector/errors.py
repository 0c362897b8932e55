"""Errors of the collector.

HeatwardError
├── AccountRefused   an account that cannot be made as it was asked for
├── CaseRefused      what cannot be done to a case, with the reason
├── LedgerError      evidence that cannot be read or written; names file, batch and remedy
│   └── LedgerHeld   another process is writing this ledger
├── EnrolmentError   no certificate authority, or a name that it must not sign
├── ImportRefused    every faulty row of an import at once; nothing was taken over
├── OutdoorAway      the source of outdoor temperatures gave no usable answer
├── RegistryError    an edit that the registry cannot hold, such as overlapping assignments
├── StoreError       the time series store refused or is away; says whether to wait or to act
└── TimestampRefused an outside timestamp that could not be had, or does not hold

A faulty configuration is :class:`heatward_node.errors.ConfigurationError`, exit code 78.
"""

from __future__ import annotations

from collections.abc import Sequence


class HeatwardError(Exception):
    """Base of every error that the collector raises on purpose."""


class AccountRefused(HeatwardError):
    """An account that cannot be made as it was asked for."""


class CaseRefused(HeatwardError):
    """What cannot be done to a case."""


class LedgerError(HeatwardError):
    """Evidence that cannot be read or written."""


class LedgerHeld(LedgerError):
    """Another process is writing this ledger."""


class EnrolmentError(HeatwardError):
    """There is no certificate authority, or it may not sign what it was asked to."""


class ImportRefused(HeatwardError):
    """Every faulty row of an import, each with file, line and reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class OutdoorAway(HeatwardError):
    """The source of outdoor temperatures gave no usable answer."""


class TimestampRefused(HeatwardError):
    """An outside timestamp that could not be had, or does not hold."""


class RegistryError(HeatwardError):
    """An edit that the registry cannot hold."""


class StoreError(HeatwardError):
    """The time series store took nothing."""


class StoreAway(StoreError):
    """The store is away or busy: keep what was to be written, and try again."""


class StoreMisconfigured(StoreError):
    """The store refuses for a reason that time does not mend: credentials, database, address."""
