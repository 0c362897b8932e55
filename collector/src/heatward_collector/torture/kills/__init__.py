"""``kill -9`` by the thousand: every process of one line side by side."""
