"""What a resident sees and decides of the own home."""
