"""Real servers as child processes, for measurements, faults and tests; each is ended with them."""
