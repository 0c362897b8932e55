"""How well suppressed heating is found: findings held against what a simulated season knows.

The definitions are those of the project's detection notes, section "Scoring (one way only)".
Matching and counting are pure; only :mod:`heatward_collector.score.seasons` simulates.
"""
