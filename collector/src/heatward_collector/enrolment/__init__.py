"""Who may speak for a node: a small certificate authority, one-time codes, renewal, revocation."""

from .authority import Authority
from .book import Book, Certificate
from .office import Office, Refusal

__all__ = ["Authority", "Book", "Certificate", "Office", "Refusal"]
