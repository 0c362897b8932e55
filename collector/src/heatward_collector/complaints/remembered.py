"""Which column of a foreign table means what: guessed once, corrected by people, and remembered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Column, MetaData, String, Table, Text, delete, select

from heatward_collector.registry.database import Database

METADATA = MetaData()
complaint_columns = Table(
    "complaint_columns",
    METADATA,
    Column("header", String(64), primary_key=True),
    Column("mapping", Text, nullable=False),
)
FIELDS: Mapping[str, tuple[str, ...]] = {
    "number": ("工单编号", "工单号", "诉求编号", "受理编号", "编号", "number", "id"),
    "received": ("受理时间", "来电时间", "登记时间", "诉求时间", "反映时间", "时间", "received"),
    "address": ("诉求地址", "事发地址", "详细地址", "问题地址", "地址", "address"),
    "text": ("诉求内容", "问题描述", "反映内容", "工单内容", "内容", "text"),
    "state": ("办理状态", "工单状态", "处理状态", "状态", "state"),
    "closed": ("办结时间", "完成时间", "回复时间", "closed"),
    "channel": ("诉求来源", "来源", "渠道", "channel"),
    "building": ("楼栋编号", "building"),
    "home": ("户编号", "home"),
}
"""What a complaint may tell, each with the headings by which it is recognised, best first."""
NEEDED = ("number", "received")
IGNORED = "-"
"""Says of a field that no column holds it."""


def guessed(header: Sequence[str]) -> dict[str, str]:
    """Return field by field the heading that most likely means it."""
    left = [name for name in header if name]
    found: dict[str, str] = {}
    for exact in (True, False):
        for field, names in FIELDS.items():
            if field in found:
                continue
            for name in names:
                fits = [one for one in left if (one == name if exact else name in one)]
                if fits:
                    found[field] = fits[0]
                    left.remove(fits[0])
                    break
    return found


class RememberedColumns:
    """The mappings that people have confirmed, by the header that they are for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.edit() as connection:
            METADATA.create_all(connection)

    def of(self, header: Sequence[str]) -> dict[str, str] | None:
        """Return the mapping for a header, None where nobody has confirmed one."""
        query = select(complaint_columns.c.mapping).where(
            complaint_columns.c.header == _key(header)
        )
        with self._database.snapshot() as connection:
            row = connection.execute(query).fetchone()
        return None if row is None else dict(json.loads(row.mapping))

    def remember(self, header: Sequence[str], mapping: Mapping[str, str]) -> None:
        """Keep a mapping for the next file with the same header."""
        key = _key(header)
        with self._database.edit() as connection:
            connection.execute(delete(complaint_columns).where(complaint_columns.c.header == key))
            row = {"header": key, "mapping": json.dumps(dict(mapping), ensure_ascii=False)}
            connection.execute(complaint_columns.insert(), [row])


def _key(header: Sequence[str]) -> str:
    """Return what tells a header from others, whatever the order of its columns."""
    return hashlib.sha256("\n".join(sorted(filter(None, header))).encode()).hexdigest()
