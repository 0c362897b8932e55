"""A fake 1-Wire bus: the files that the kernel's w1_therm shows."""

from dataclasses import dataclass
from pathlib import Path

from heatward_node.rom import crc8, kernel_name
from heatward_node.scratchpad import usual_scratchpad


def rom_number(number: int) -> bytes:
    """Return a ROM code of the genuine pattern."""
    rom = b"\x28" + number.to_bytes(4, "little") + b"\0\0"
    return rom + bytes([crc8(rom)])


def file_text(scratchpad: bytes, says_yes: bool | None = None) -> str:
    """Return a w1_slave text; the kernel says YES where the CRC fits, unless told otherwise."""
    crc = crc8(scratchpad[:8])
    yes = crc == scratchpad[8] if says_yes is None else says_yes
    data = " ".join(f"{value:02x}" for value in scratchpad)
    raw = int.from_bytes(scratchpad[:2], "little", signed=True)
    word = "YES" if yes else "NO"
    return f"{data} : crc={crc:02x} {word}\n{data} t={raw * 1000 // 16}\n"


@dataclass
class W1Tree:
    """A bus folder with sensors that a test sets."""

    path: Path

    def show(self, rom: bytes, raw: int) -> None:
        """Let a sensor show a temperature."""
        self.write(rom, file_text(usual_scratchpad(raw)))

    def write(self, rom: bytes, text: str) -> None:
        """Let a sensor's file hold any text."""
        folder = self.path / kernel_name(rom)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "w1_slave").write_text(text)

    def remove(self, rom: bytes) -> None:
        """Unplug a sensor."""
        folder = self.path / kernel_name(rom)
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
