"""A node's clocks under a test's control."""

from dataclasses import dataclass


@dataclass
class FakeClock:
    """Wall and monotonic time move only when told to."""

    wall: float = 1_700_000_000.0
    mono: int = 1_000
    synchronised: bool = True
    boot_id: bytes = b"boot-0123456789a"

    def mono_ms(self) -> int:
        return self.mono

    def wall_s(self) -> float:
        return self.wall

    def is_synchronised(self) -> bool:
        return self.synchronised

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.wall += seconds
        self.mono += int(seconds * 1000)
