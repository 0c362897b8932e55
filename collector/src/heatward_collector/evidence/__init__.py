"""Evidence packs: all that a finding about a home or a case rests on, to hold and to check."""

from heatward_collector.evidence.contents import Contents, Subject
from heatward_collector.evidence.gather import gather, subject_of_case

__all__ = ["Contents", "Subject", "gather", "subject_of_case"]
