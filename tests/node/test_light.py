"""The green light says the one thing that helps most."""

import itertools

import pytest

from heatward_node.light import Light, Message, message_of, pattern
from support.ports import wait_until


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, Message.FINE),
        ({"has_sensor": False}, Message.NO_SENSOR),
        ({"is_connected": False}, Message.NO_NETWORK),
        ({"is_connected": False, "is_enrolled": False}, Message.NOT_ENROLLED),
        (
            {"is_connected": False, "is_enrolled": False, "knows_server": False},
            Message.NO_NETWORK,
        ),
        ({"is_connected": False, "wifi_not_understood": True}, Message.WIFI_NOT_UNDERSTOOD),
        ({"wifi_not_understood": True}, Message.FINE),  # another way in works
        ({"card_refuses": True, "has_sensor": False}, Message.CARD_REFUSES),
        ({"has_sensor": False, "is_connected": False}, Message.NO_SENSOR),
    ],
)
def test_what_must_be_mended_first_is_said(state, message):
    assert message_of(**state) is message


@pytest.mark.parametrize("message", [one for one in Message if one])
def test_a_message_is_its_number_of_flashes_and_a_pause(message):
    steps = pattern(message)
    assert sum(is_on for is_on, _ in steps) == message
    assert steps[-1][0] is False
    assert steps[-1][1] > 5 * max(seconds for _, seconds in steps[:-1])
    for (first, _), (second, _) in itertools.pairwise(steps):
        assert first != second


def test_starting_never_pauses():
    assert {seconds for _, seconds in pattern(Message.STARTING)} == {0.2}


def test_the_light_of_the_kernel_is_switched(tmp_path):
    folder = tmp_path / "ACT"
    folder.mkdir()
    (folder / "brightness").write_text("")
    light = Light((tmp_path / "none", folder))
    light.start()
    wait_until(lambda: (folder / "brightness").read_text() == "1", "the light is on")
    light.stop()
    wait_until(lambda: (folder / "brightness").read_text() == "0", "the light is off")


def test_a_pc_without_such_a_light_is_no_fault(tmp_path):
    light = Light((tmp_path / "none",))
    light.start()
    light.stop()
