"""What suppliers declare, and how they are assessed."""
