"""How cold it is outdoors: where it is known from, fetched, and named in verdicts."""
