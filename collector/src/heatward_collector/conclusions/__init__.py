"""What was concluded from readings, append-only: verdicts, findings, doubts about sensors."""
