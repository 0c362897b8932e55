"""How the collector itself is: the status page, health and metrics."""
