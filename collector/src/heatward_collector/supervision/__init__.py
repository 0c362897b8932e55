"""Supervising a case on paper and in chat: the order, the register, the text for a group."""

from heatward_collector.supervision.case_file import CaseFile, CaseFiles

__all__ = ["CaseFile", "CaseFiles"]
