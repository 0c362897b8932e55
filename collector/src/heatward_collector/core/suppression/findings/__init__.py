"""What a finding says, and what speaks for a supplier beforehand: its declarations, a festival."""
