"""What must hold once a line has settled: readings, verdicts, alerts and cases."""
