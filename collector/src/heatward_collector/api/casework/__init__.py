"""Cases, their messages and their papers."""
