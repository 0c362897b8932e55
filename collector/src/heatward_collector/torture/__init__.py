"""The whole line under faults: named ones, drawn from seeds, and what must hold after each."""
