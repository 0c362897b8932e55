"""The bus through w1thermsensor, on a fake tree."""

import threading

import pytest

from heatward_node.errors import SensorError
from heatward_node.reading import Quality
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.sensor import Bounded, W1Bus
from support.w1_tree import W1Tree, file_text, rom_number


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "devices").mkdir()
    return W1Tree(tmp_path / "devices")


def test_every_sensor_of_the_bus_is_measured_in_one_conversation(tree):
    for number in range(12):
        tree.show(rom_number(number), 320 + number)
    measured = {one.rom: one for one in W1Bus(tree.path).measure()}
    assert len(measured) == 12
    assert measured[rom_number(3)].scratchpad == usual_scratchpad(323)
    assert all(one.quality is Quality.GOOD for one in measured.values())


def test_two_buses_in_one_process_do_not_mix(tree, tmp_path):
    other = W1Tree(tmp_path / "other")
    tree.show(rom_number(1), 300)
    other.show(rom_number(1), 400)
    first, second = W1Bus(tree.path), W1Bus(other.path)
    assert first.measure()[0].scratchpad == usual_scratchpad(300)
    assert second.measure()[0].scratchpad == usual_scratchpad(400)


def test_a_fault_keeps_its_bytes_as_evidence(tree):
    pad = bytes.fromhex("50054b467fff0c101c")
    tree.write(rom_number(1), file_text(pad))
    (one,) = W1Bus(tree.path).measure()
    assert (one.quality, one.scratchpad) == (Quality.POWER_ON_RESET, pad)


@pytest.mark.parametrize(
    ("text", "quality"),
    [("", Quality.NOT_READY), ("4b 01\n", Quality.TRUNCATED), ("\xff\xfe", Quality.DRIVER_ERROR)],
)
def test_files_without_a_reading_become_faults(tree, text, quality):
    tree.show(rom_number(1), 320)
    bus = W1Bus(tree.path)
    bus.measure()
    tree.write(rom_number(1), text)
    (one,) = bus.measure()
    assert (one.quality, one.scratchpad) == (quality, b"")


def test_an_unplugged_sensor_is_named_and_comes_back(tree):
    tree.show(rom_number(1), 320)
    tree.show(rom_number(2), 321)
    bus = W1Bus(tree.path)
    bus.measure()
    tree.remove(rom_number(2))
    assert [one.quality for one in bus.measure()] == [Quality.GOOD, Quality.SENSOR_GONE]
    tree.show(rom_number(2), 322)
    assert [one.quality for one in bus.measure()] == [Quality.GOOD, Quality.GOOD]


def test_ghosts_of_a_noisy_bus_are_no_sensors(tree):
    (tree.path / "00-800000000000").mkdir()
    (tree.path / "28-zz").mkdir()
    assert W1Bus(tree.path).measure() == []


def test_a_missing_bus_is_a_fault_of_the_bus(tmp_path):
    with pytest.raises(SensorError) as fault:
        W1Bus(tmp_path / "none").measure()
    assert fault.value.quality == Quality.BUS_GONE


def test_a_hanging_bus_does_not_hang_the_loop():
    release = threading.Event()

    class Hanging:
        def measure(self):
            release.wait(30)
            return []

    bounded = Bounded(Hanging(), timeout_s=0.05)
    for _ in range(2):
        with pytest.raises(SensorError) as fault:
            bounded.measure()
        assert fault.value.quality == Quality.BUS_STALLED
    release.set()


class Parts:
    """What w1_slave says at each read: a list a sensor, the last one for ever."""

    def __init__(self, bus: W1Bus, *texts: str) -> None:
        self.texts = list(texts)
        bus._text = lambda rom: self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]


@pytest.mark.parametrize("default", [25 * 16, 320 - 40], ids=["25.0 of family D", "a stale value"])
def test_what_a_sensor_shows_first_after_power_up_is_never_a_reading(tree, default):
    tree.show(rom_number(1), 320)
    bus = W1Bus(tree.path)
    Parts(bus, file_text(usual_scratchpad(default)), file_text(usual_scratchpad(320)))
    assert [one.scratchpad for one in bus.measure()] == [usual_scratchpad(320)]


def test_a_sensor_plugged_in_again_is_measured_twice_like_a_new_one(tree):
    tree.show(rom_number(1), 320)
    bus = W1Bus(tree.path)
    bus.measure()
    tree.remove(rom_number(1))
    bus.measure()
    tree.show(rom_number(1), 320)
    parts = Parts(bus, file_text(usual_scratchpad(400)), file_text(usual_scratchpad(320)))
    assert [one.scratchpad for one in bus.measure()] == [usual_scratchpad(320)]
    assert len(parts.texts) == 1


def test_after_a_reset_of_the_part_its_next_value_is_thrown_away_too(tree):
    tree.show(rom_number(1), 320)
    bus = W1Bus(tree.path)
    bus.measure()
    power_on = file_text(bytes.fromhex("50054b467fff0c101c"))
    good = file_text(usual_scratchpad(320))
    Parts(bus, power_on, file_text(usual_scratchpad(400)), good)
    assert [one.quality for one in bus.measure()] == [Quality.POWER_ON_RESET]
    assert [one.scratchpad for one in bus.measure()] == [usual_scratchpad(320)]


@pytest.mark.parametrize("error", [IndexError(), OSError(5, "EIO"), PermissionError(13, "no")])
def test_whatever_the_driver_raises_becomes_a_quality(tree, error):
    tree.show(rom_number(1), 320)
    bus = W1Bus(tree.path)
    bus.measure()

    class Broken:
        def get_raw_sensor_strings(self):
            raise error

    bus._sensors[rom_number(1)] = Broken()
    assert [one.quality for one in bus.measure()] == [Quality.DRIVER_ERROR]


def test_a_bus_that_is_no_folder_any_more_is_gone_and_comes_back(tree):
    tree.show(rom_number(1), 320)
    bus = W1Bus(tree.path)
    bus.measure()
    aside = tree.path.rename(tree.path.with_name("aside"))
    tree.path.write_text("")
    with pytest.raises(SensorError) as fault:
        bus.measure()
    assert fault.value.quality == Quality.BUS_GONE
    tree.path.unlink()
    aside.rename(tree.path)
    assert [one.quality for one in bus.measure()] == [Quality.GOOD]


def test_a_stalled_bus_recovers_by_itself_and_its_late_answer_is_dropped():
    release = threading.Event()
    answers = []

    class Slow:
        def measure(self):
            answers.append(len(answers))
            if len(answers) == 1:
                release.wait(30)
            return answers[-1:]

    bounded = Bounded(Slow(), timeout_s=0.05)
    with pytest.raises(SensorError):
        bounded.measure()
    release.set()
    bounded._last.result(10)
    bounded._timeout_s = 10
    assert bounded.measure() == [1]
