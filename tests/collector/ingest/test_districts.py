"""Several collectors on one broker and one registry: each takes the messages of its district."""

from __future__ import annotations

from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from heatward_collector.config import parse
from heatward_collector.ingest.link import Link
from heatward_collector.ingest.registered import Registered
from heatward_collector.registry import open_registry, spreadsheets
from support.broker import Mosquitto, running_mosquitto
from support.evidence import SAMPLE
from support.ports import wait_until

pytestmark = pytest.mark.broker


def link_of(broker: Mosquitto, name: str, district: str | None) -> Link:
    line = "" if district is None else f'district = "{district}"'
    text = f'[mqtt]\nurl = "{broker.url}"\nclient_id = "{name}"\n{line}'
    return Link(parse(text).mqtt)


def test_each_hears_its_own_district_and_one_without_hears_all(tmp_path: Path):
    with running_mosquitto(tmp_path) as broker:
        links = {
            name: link_of(broker, f"collector-{name}", None if name == "all" else name)
            for name in ("north", "south", "all")
        }
        for link in links.values():
            link.open()
        speaker = paho.Client(CallbackAPIVersion.VERSION2)
        speaker.connect("127.0.0.1", broker.port)
        speaker.loop_start()
        heard: dict[str, set[str]] = {name: set() for name in links}

        def all_are_heard() -> bool:
            for district in ("north", "south"):
                speaker.publish(f"heatward/v1/{district}/n1/readings", b"[]", 1)
            for name, link in links.items():
                heard[name] |= {one.topic.split("/")[2] for one in link.messages.take(1_000)}
            return all(heard.values()) and len(heard["all"]) == 2

        try:
            wait_until(all_are_heard, "every collector hears somebody", 30)
        finally:
            speaker.disconnect()
            speaker.loop_stop()
            for link in links.values():
                link.close()
        assert heard == {"north": {"north"}, "south": {"south"}, "all": {"north", "south"}}


def test_a_shared_registry_gives_each_the_nodes_of_its_district(tmp_path: Path):
    def registered(line: str) -> Registered:
        return Registered(parse(f'[state]\ndirectory = "{tmp_path}"\n[mqtt]\n{line}'))

    registry = open_registry(parse(f'[state]\ndirectory = "{tmp_path}"'))
    spreadsheets.import_folder(registry, SAMPLE)
    mine, other = registered('district = "sample"'), registered('district = "elsewhere"')
    assert mine.districts() == registered("").districts() == ("sample",)
    assert mine.knows("sample", "n0001")
    assert other.districts() == ()
    assert not other.knows("sample", "n0001")


def test_collectors_of_two_districts_do_not_push_each_other_off_the_broker() -> None:
    names = [
        parse(f"[mqtt]\n{line}").mqtt.client_id
        for line in ("", 'district = "north"', 'district = "south"\nclient_id = "mine"')
    ]
    assert names == ["heatward-collector", "heatward-collector-north", "mine"]
