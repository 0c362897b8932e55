"""What every reader is fed that it must refuse."""
