"""The tables of the registry: places, heat network, people, sensors, and dated facts.

Each column knows its Chinese name for spreadsheets, and the kind of value it takes; import, export
and checks are derived from that. Times are whole seconds UTC inside.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger as Big
from sqlalchemy import Boolean, Column, Date, Float, Integer, MetaData, String, Table

SCHEMA_VERSION = 1
METADATA = MetaData()

ROOM_USES = ("bedroom", "living_room", "kitchen", "bathroom", "other")
POSITIONS = ("middle", "top", "bottom", "end_wall")
EMITTERS = ("radiator", "floor")
TARGETS = ("room", "outdoor", "bench")
ROLES = (
    "responsible_officer",
    "volunteer_supervisor",
    "street_office",
    "district_department",
    "duty_phone",
)
NOTICES = ("reported_stop", "reported_repair", "pollution_staggering", "announcement")


def _id(zh: str = "编号", refers_to: str = "") -> Column[Any]:
    kind = {"zh": zh, "kind": "id", "refers_to": refers_to}
    return Column("id", String(64), primary_key=True, info=kind)


def _ref(name: str, table: str, zh: str, optional: bool = False) -> Column[Any]:
    info = {"zh": zh, "kind": "id", "refers_to": table, "optional": optional}
    return Column(name, String(64), nullable=optional, info=info)


def _text(name: str, zh: str, optional: bool = False, choices: tuple[str, ...] = ()) -> Column[Any]:
    info = {"zh": zh, "kind": "text", "optional": optional, "choices": choices}
    return Column(name, String(200), nullable=optional, info=info)


def _number(name: str, zh: str, low: float, high: float, optional: bool = True) -> Column[Any]:
    info = {"zh": zh, "kind": "number", "optional": optional, "range": (low, high)}
    return Column(name, Float, nullable=optional, info=info)


def _whole(name: str, zh: str, low: int, high: int, optional: bool = False) -> Column[Any]:
    info = {"zh": zh, "kind": "whole", "optional": optional, "range": (low, high)}
    return Column(name, Integer, nullable=optional, info=info)


def _yes(name: str, zh: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False, info={"zh": zh, "kind": "yes"})


def _time(name: str, zh: str, optional: bool = False, key: bool = False) -> Column[Any]:
    info = {"zh": zh, "kind": "time", "optional": optional}
    return Column(name, Big, nullable=optional, primary_key=key, info=info)


def _day(name: str, zh: str, optional: bool = False, key: bool = False) -> Column[Any]:
    info = {"zh": zh, "kind": "day", "optional": optional}
    return Column(name, Date, nullable=optional, primary_key=key, info=info)


def _sensor() -> Column[Any]:
    info = {"zh": "传感器", "kind": "sensor"}
    return Column("sensor", String(16), primary_key=True, info=info)


def _table(name: str, zh: str, *columns: Column[Any]) -> Table:
    return Table(name, METADATA, *columns, info={"zh": zh})


def _names() -> list[Column[Any]]:
    return [_text("name_zh", "名称"), _text("name_en", "英文名", optional=True)]


def _place(name: str, zh: str, *columns: Column[Any]) -> Table:
    return _table(name, zh, _id(), *_names(), *columns)


def _coordinates() -> list[Column[Any]]:
    return [_number("latitude", "纬度", -90, 90), _number("longitude", "经度", -180, 180)]


district = _place("district", "区")
street = _place("street", "街道办事处", _ref("district", "district", "区"))
community = _place("community", "社区", _ref("street", "street", "街道"))
grid_cell = _place("grid_cell", "网格", _ref("community", "community", "社区"))
estate = _place(
    "estate",
    "小区",
    _ref("street", "street", "街道"),
    _ref("community", "community", "社区", optional=True),
    _ref("grid_cell", "grid_cell", "网格", optional=True),
)
building = _place("building", "楼栋", _ref("estate", "estate", "小区"), *_coordinates())
stairwell = _place("stairwell", "单元", _ref("building", "building", "楼栋"))
supplier = _place("supplier", "供热单位", _text("duty_phone", "24小时电话", optional=True))
source = _place("source", "热源", _ref("supplier", "supplier", "供热单位"))
substation = _place("substation", "换热站", _ref("source", "source", "热源"))
zone = _place(
    "zone",
    "水力分区",
    _ref("substation", "substation", "换热站"),
    _text("emitter", "散热方式", choices=EMITTERS),
)
home = _table(
    "home",
    "户",
    _id("户编号"),
    _ref("stairwell", "stairwell", "单元"),
    _ref("zone", "zone", "水力分区"),
    _whole("floor", "楼层", -3, 200),
    _text("position", "位置", choices=POSITIONS),
    _number("usable_area_m2", "使用面积", 5, 1000),
    _yes("metered", "按表计量"),
)
room = _table(
    "room",
    "房间",
    _id("房间编号"),
    _ref("home", "home", "户"),
    _text("use", "用途", choices=ROOM_USES),
)
outdoor = _place(
    "outdoor",
    "室外测点",
    _ref("district", "district", "区"),
    _yes("shaded", "背阴"),
    *_coordinates(),
)
node = _table(
    "node",
    "节点",
    _id("节点编号"),
    _ref("district", "district", "区"),
    _whole("interval_seconds", "采样间隔秒", 1, 86_400),
)
assignment = _table(
    "assignment",
    "传感器安装",
    _sensor(),
    _time("from_s", "自", key=True),
    _time("to_s", "至", optional=True),
    _ref("node", "node", "节点", optional=True),
    _text("target_kind", "类别", choices=TARGETS),
    _text("target", "位置编号", optional=True),
)
calibration = _table(
    "calibration",
    "校准",
    _sensor(),
    _time("from_s", "自", key=True),
    _number("offset_kelvin", "修正值K", -5, 5, optional=False),
    _number("uncertainty_kelvin", "标准不确定度K", 0.005, 2, optional=False),
    _text("certificate", "证书"),
)
placement = _table(
    "placement",
    "测点位置",
    Column(
        "room",
        String(64),
        primary_key=True,
        info={"zh": "房间", "kind": "id", "refers_to": "room"},
    ),
    _time("from_s", "自", key=True),
    _number("height_m", "高度米", 0, 5),
    _yes("documented", "有记录"),
    _yes("suitable", "合适"),
    _text("note", "说明", optional=True),
)
suspension = _table(
    "suspension",
    "报停",
    Column(
        "home",
        String(64),
        primary_key=True,
        info={"zh": "户", "kind": "id", "refers_to": "home"},
    ),
    _day("from_day", "自", key=True),
    _day("to_day", "至", optional=True),
)
person = _table(
    "person",
    "人员",
    _id(),
    _text("role", "角色", choices=ROLES),
    _text("subject", "负责对象"),
    _text("name", "姓名"),
    _text("phone", "电话", optional=True),
    _day("from_day", "自", optional=True),
)
regime = _table(
    "regime",
    "供热制度",
    Column(
        "source",
        String(64),
        primary_key=True,
        info={"zh": "热源", "kind": "id", "refers_to": "source"},
    ),
    _time("from_s", "自", key=True),
    _time("to_s", "至", optional=True),
    _text("hours", "每日供热时段"),
)
notice = _table(
    "notice",
    "公告",
    _id(),
    _text("kind", "种类", choices=NOTICES),
    _ref("source", "source", "热源", optional=True),
    _ref("zone", "zone", "水力分区", optional=True),
    _time("from_s", "自"),
    _time("to_s", "至", optional=True),
    _time("recorded_s", "登记时间"),
    _text("text", "内容"),
)
IMPORTED = tuple(METADATA.sorted_tables)
"""The tables that people fill, in the order in which they refer to each other or by name."""

outdoor_temperature = Table(
    "outdoor_temperature",
    METADATA,
    Column("district", String(64), primary_key=True),
    Column("time_s", Big, primary_key=True),
    Column("celsius", Float, nullable=False),
    Column("source", String(100), nullable=False),
)
change = Table(
    "change",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("sensor", String(16), nullable=True),
    Column("from_s", Big, nullable=False),
    Column("to_s", Big, nullable=False),
    Column("reason", String(32), nullable=False),
)
meta = Table(
    "meta", METADATA, Column("key", String(32), primary_key=True), Column("value", String(64))
)
