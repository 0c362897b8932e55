"""Refunds: from recorded verdicts, notices and measurements on site to each home's account."""

from heatward_collector.refund.books import Books, open_books
from heatward_collector.refund.season_account import HomeAccount, SeasonAccounts, accounts

__all__ = ["Books", "HomeAccount", "SeasonAccounts", "accounts", "open_books"]
