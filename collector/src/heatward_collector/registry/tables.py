"""The tables of the registry: places, heat network, people, sensors, and dated facts.

Each column knows its Chinese name for spreadsheets, and the kind of value it takes; import, export
and checks are derived from that. Times are whole seconds UTC inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, String, Table

from heatward_collector.registry.choices import (
    COMPLAINT_STATES,
    EMITTERS,
    LANGUAGES,
    NOTICE_CHANNELS,
    NOTICES,
    POSITIONS,
    REACHES,
    ROLES,
    ROOM_USES,
    TARGETS,
)
from heatward_collector.registry.columns import (
    IN_TOPICS,
    day,
    hours,
    identifier,
    moment,
    number,
    reference,
    sensor,
    whole,
    words,
    yes,
)

SCHEMA_VERSION = 2
"""1: without floors of buildings, distances of placements, and several sources of weather."""
METADATA = MetaData()


def key(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what tells a row from all others of its table."""
    return key_of(table)(row)


def key_of(table: Table) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Return the function :func:`key` of one table, for many rows."""
    names = [column.name for column in table.primary_key]

    def key_of_row(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple([row.get(name) for name in names])

    return key_of_row


def _table(name: str, zh: str, *columns: Column[Any]) -> Table:
    return Table(name, METADATA, *columns, info={"zh": zh})


def _names() -> list[Column[Any]]:
    return [words("name_zh", "名称"), words("name_en", "英文名", optional=True)]


def _place(name: str, zh: str, *columns: Column[Any]) -> Table:
    return _table(name, zh, identifier(in_topics=name in IN_TOPICS), *_names(), *columns)


def _coordinates() -> list[Column[Any]]:
    return [number("latitude", "纬度", -90, 90), number("longitude", "经度", -180, 180)]


district = _place("district", "区")
street = _place("street", "街道办事处", reference("district", "district", "区"))
community = _place("community", "社区", reference("street", "street", "街道"))
grid_cell = _place("grid_cell", "网格", reference("community", "community", "社区"))
estate = _place(
    "estate",
    "小区",
    reference("street", "street", "街道"),
    reference("community", "community", "社区", optional=True),
    reference("grid_cell", "grid_cell", "网格", optional=True),
)
building = _place(
    "building",
    "楼栋",
    reference("estate", "estate", "小区"),
    whole("floors", "总层数", 1, 200, optional=True),
    *_coordinates(),
)
stairwell = _place("stairwell", "单元", reference("building", "building", "楼栋"))
supplier = _place("supplier", "供热单位", words("duty_phone", "24小时电话", optional=True))
source = _place("source", "热源", reference("supplier", "supplier", "供热单位"))
substation = _place("substation", "换热站", reference("source", "source", "热源"))
zone = _place(
    "zone",
    "水力分区",
    reference("substation", "substation", "换热站"),
    words("emitter", "散热方式", choices=EMITTERS),
)
home = _table(
    "home",
    "户",
    identifier("户编号"),
    reference("stairwell", "stairwell", "单元"),
    reference("zone", "zone", "水力分区"),
    whole("floor", "楼层", -3, 200),
    words("position", "位置", choices=POSITIONS),
    number("usable_area_m2", "使用面积", 5, 1000),
    yes("metered", "按表计量"),
)
room = _table(
    "room",
    "房间",
    identifier("房间编号"),
    reference("home", "home", "户"),
    words("use", "用途", choices=ROOM_USES),
)
outdoor = _place(
    "outdoor",
    "室外测点",
    reference("district", "district", "区"),
    yes("shaded", "背阴"),
    *_coordinates(),
)
node = _table(
    "node",
    "节点",
    identifier("节点编号", in_topics=True),
    reference("district", "district", "区"),
    whole("interval_seconds", "采样间隔秒", 1, 86_400),
)
assignment = _table(
    "assignment",
    "传感器安装",
    sensor(),
    moment("from_s", "自", key=True),
    moment("to_s", "至", optional=True),
    reference("node", "node", "节点", optional=True),
    words("target_kind", "类别", choices=TARGETS),
    words("target", "位置编号", optional=True),
)
calibration = _table(
    "calibration",
    "校准",
    sensor(),
    moment("from_s", "自", key=True),
    number("offset_kelvin", "修正值K", -5, 5, optional=False),
    number("uncertainty_kelvin", "标准不确定度K", 0.005, 2, optional=False),
    words("certificate", "证书"),
)
placement = _table(
    "placement",
    "测点位置",
    reference("room", "room", "房间", key=True),
    moment("from_s", "自", key=True),
    number("height_m", "高度米", 0, 5),
    number("to_outer_wall_m", "距外墙米", 0, 20),
    number("to_heater_m", "距散热器米", 0, 20),
    yes("documented", "有记录"),
    yes("suitable", "合适"),
    words("note", "说明", optional=True),
)
suspension = _table(
    "suspension",
    "报停",
    reference("home", "home", "户", key=True),
    day("from_day", "自", key=True),
    day("to_day", "至", optional=True),
)
person = _table(
    "person",
    "人员",
    identifier(),
    words("role", "角色", choices=ROLES),
    words("subject", "负责对象"),
    words("name", "姓名"),
    words("phone", "电话", optional=True),
    day("from_day", "自", optional=True),
)
duty = _table(
    "duty",
    "值班表",
    reference("source", "source", "热源", key=True),
    moment("from_s", "自", key=True),
    whole("rank", "顺序", 1, 9, key=True),
    moment("to_s", "至"),
    reference("person", "person", "人员"),
)
contact = _table(
    "contact",
    "通知方式",
    reference("person", "person", "人员", key=True),
    whole("rank", "顺序", 1, 9, key=True),
    day("from_day", "自", optional=True),
    day("to_day", "至", optional=True),
    words("channel", "渠道"),
    words("language", "语言", choices=LANGUAGES),
)
regime = _table(
    "regime",
    "供热制度",
    reference("source", "source", "热源", key=True),
    moment("from_s", "自", key=True),
    moment("to_s", "至", optional=True),
    hours("hours", "每日供热时段"),
)
notice = _table(
    "notice",
    "公告",
    identifier(),
    words("kind", "种类", choices=NOTICES),
    reference("source", "source", "热源", optional=True),
    reference("zone", "zone", "水力分区", optional=True),
    moment("from_s", "自"),
    moment("to_s", "至", optional=True),
    moment("recorded_s", "登记时间"),
    words("text", "内容"),
)
pollution_alert = _table(
    "pollution_alert",
    "重污染天气预警",
    identifier(),
    reference("district", "district", "区"),
    moment("from_s", "自"),
    moment("to_s", "至"),
    moment("recorded_s", "登记时间"),
    words("issued_by", "发布单位和文号"),
)
resident_notice = _table(
    "resident_notice",
    "住户告知",
    identifier(),
    reference("home", "home", "户"),
    moment("given_s", "告知时间"),
    words("given_by", "告知人"),
    words("given_to", "受理方"),
    words("channel", "方式", choices=NOTICE_CHANNELS),
    moment("recorded_s", "登记时间"),
    words("note", "说明", optional=True),
)
heat_meter = _table(
    "heat_meter",
    "热计量",
    reference("home", "home", "户", key=True),
    day("from_day", "自", key=True),
    day("to_day", "至"),
    number("kilowatt_hours", "用热量千瓦时", 0, 1_000_000, optional=False),
)
spot_check = _table(
    "spot_check",
    "现场测温",
    identifier(),
    reference("room", "room", "房间"),
    moment("measured_s", "测温时间"),
    number("celsius", "室温", -30, 50, optional=False),
    number("height_m", "高度米", 0, 5),
    number("to_outer_wall_m", "距外墙米", 0, 20),
    whole("shut_minutes", "关窗分钟", 0, 1440, optional=True),
    words("instrument", "仪器"),
    words("certificate", "检定证书", optional=True),
    day("certificate_until", "证书有效至", optional=True),
    words("resident", "住户签字", optional=True),
    words("supplier_person", "供热单位签字", optional=True),
    words("office_person", "街道办签字", optional=True),
    words("photo", "照片", optional=True),
    moment("recorded_s", "登记时间"),
)
complaint = _table(
    "complaint",
    "投诉",
    identifier("工单号"),
    moment("received_s", "受理时间"),
    reference("home", "home", "户", optional=True),
    reference("building", "building", "楼栋", optional=True),
    words("address", "地址", optional=True),
    words("text", "内容", optional=True),
    words("channel", "来源", optional=True),
    words("state", "状态", choices=COMPLAINT_STATES),
    moment("closed_s", "办结时间", optional=True),
    moment("recorded_s", "登记时间"),
)
reach = _table(
    "reach",
    "管网远近",
    reference("building", "building", "楼栋", key=True),
    words("reach", "远近", choices=REACHES),
)
office_rating = _table(
    "office_rating",
    "街道评价",
    reference("street", "street", "街道", key=True),
    reference("supplier", "supplier", "供热单位", key=True),
    day("month", "月份", key=True),
    number("points", "得分", 0, 100, optional=False),
    words("rated_by", "评价人"),
    words("note", "说明", optional=True),
)
IMPORTED = tuple(METADATA.sorted_tables)
"""The tables that people fill, in the order in which they refer to each other or by name."""

outdoor_temperature = Table(
    "outdoor_temperature",
    METADATA,
    Column("district", String(64), primary_key=True),
    Column("time_s", BigInteger, primary_key=True),
    Column("source", String(100), primary_key=True),
    Column("celsius", Float, nullable=False),
)
change = Table(
    "change",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("sensor", String(16), nullable=True),
    Column("from_s", BigInteger, nullable=False),
    Column("to_s", BigInteger, nullable=False),
    Column("reason", String(32), nullable=False),
)
meta = Table(
    "meta", METADATA, Column("key", String(32), primary_key=True), Column("value", String(64))
)
