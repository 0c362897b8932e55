"""``heatward ledger``: the evidence, verified, shown, sealed, copied and restored."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from heatward_collector.ingest.quarantine import read_conflicts, read_payloads
from heatward_collector.ledger import Batch, LedgerReader, Source, Verification
from heatward_collector.ledger import verify as verify_ledger
from heatward_collector.ledger.backup import back_up
from heatward_collector.ledger.backup import restore as restore_ledger
from heatward_collector.ledger.seal import due
from heatward_collector.ledger.seal import seal as seal_day
from heatward_node.errors import RecordError
from heatward_node.reading import Kind, Quality, Record
from heatward_node.rom import kernel_name

from .configuration import config_option, load_config

SHOWN = 20
SHOWN_PAYLOAD_BYTES = 500
_directory_option = click.option(
    "--directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="账本文件夹，例如一份副本 / a ledger folder, such as a copy.",
)


@click.group()
def ledger() -> None:
    """证据账本：核验、查看、封存、备份 / the evidence: verify, show, seal, back up."""


@ledger.command()
@config_option
@_directory_option
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="BATCH:HASH",
    help="别处保存的批号和哈希（可只写开头）/ a head kept elsewhere; its beginning is enough.",
)
def verify(config_file: Path | None, directory: Path | None, witnesses: tuple[str, ...]) -> None:
    """通读全部账本，指出第一条被改动的记录 / read everything, name the first altered record."""
    began = time.monotonic()
    folder = _folder(config_file, directory)
    result = verify_ledger(folder, dict(_witness(text) for text in witnesses), _show_progress)
    if result.alteration is not None:
        click.echo(f"账本已被改动或损坏 / ALTERED: {result.alteration}")
        click.echo(
            "请保留这些文件作为证据，用备份恢复；节点会补传它们还保存的数据 / "
            "keep these files as they are, restore a backup elsewhere; the nodes refill the rest"
        )
        raise SystemExit(1)
    seconds = time.monotonic() - began
    click.echo(
        f"完好 / intact: {result.files} 天 / days, {result.batches:,} 批 / batches, "
        f"{result.records:,} 条 / records ({result.records / max(seconds, 1e-6):,.0f}/s)"
    )
    if len(result.incarnations) > 1:
        click.echo(f"曾经恢复 / was restored: {' -> '.join(result.incarnations)}")
    click.echo(f"{result.number}:{result.head.hex()}")


@ledger.command()
@config_option
@_directory_option
def head(config_file: Path | None, directory: Path | None) -> None:
    """打印最新的批号和哈希，抄到别处就是见证 / print the newest head; kept elsewhere, a witness."""
    number, digest = LedgerReader(_folder(config_file, directory)).head()
    click.echo(f"{number}:{digest.hex()}")


@ledger.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@config_option
def backup(target: Path, config_file: Path | None) -> None:
    """复制账本，运行中也可以；已复制的天不再复制 / copy the ledger, also while it is written."""
    copied = back_up(load_config(config_file).state.ledger, target)
    number, digest = LedgerReader(target).head()
    click.echo(f"已复制 / copied: {len(copied)} 天 / days -> {target}")
    click.echo(f"{number}:{digest.hex()}")


@ledger.command()
@click.argument(
    "copy", metavar="FROM", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@config_option
def restore(copy: Path, config_file: Path | None) -> None:
    """从备份重新开始；节点会补传其余的 / begin again from a copy; the nodes refill the rest."""
    folder = load_config(config_file).state.ledger
    checked, incarnation = restore_ledger(copy, folder)
    click.echo(
        f"已恢复 / restored: {checked.files} 天 / days, {checked.records:,} 条 / records "
        f"-> {folder}"
    )
    click.echo(f"{checked.number}:{checked.head.hex()} -> {incarnation}")


@ledger.command()
@config_option
@click.option(
    "--after-hours",
    type=click.IntRange(0),
    default=24,
    show_default=True,
    help="一天结束多久之后 / how long after the end of a day",
)
def seal(config_file: Path | None, after_hours: int) -> None:
    """立即封存已结束的天，平时自动进行 / seal days that are over now; usually by itself."""
    folder = load_config(config_file).state.ledger
    for path in due(folder, time.time(), 3600 * after_hours):
        before = path.stat().st_size
        day = seal_day(path)
        after = sum(file.stat().st_size for file in day.folder.iterdir())
        records = sum(part.records for part in day.manifest.parts)
        click.echo(
            f"{path.stem}: {records:,} 条 / records, {before:,} -> {after:,} B "
            f"({after / max(records, 1):.2f} B 一条 / a record)"
        )


@ledger.command()
@config_option
@_directory_option
@click.option("--after", type=click.IntRange(0), help="从此批之后 / batches above this number")
@click.option("--node", help="只看一个节点 / one node only")
@click.option("--limit", type=click.IntRange(1), default=SHOWN, show_default=True)
@click.option("--conflicts", is_flag=True, help="同号不同内容的记录 / contradicting records")
@click.option("--quarantine", is_flag=True, help="读不懂或未登记的消息 / messages put aside")
def show(
    config_file: Path | None,
    directory: Path | None,
    after: int | None,
    node: str | None,
    limit: int,
    conflicts: bool,
    quarantine: bool,
) -> None:
    """逐条打印记录，每行一个 JSON / print records, one JSON object a line."""
    if conflicts or quarantine:
        look = _show_conflicts if conflicts else _show_quarantine
        look(load_config(config_file).state.quarantine, node, limit)
        return
    reader = LedgerReader(_folder(config_file, directory))
    shown = 0
    newest, _ = reader.head()
    for batch in reader.batches(after=max(newest - 1, 0) if after is None else after):
        for position in range(batch.count):
            source_id, record = batch.entry(position)
            source = reader.source(source_id)
            if node is not None and source.node != node:
                continue
            click.echo(json.dumps(_line(batch, position, source, record), ensure_ascii=False))
            shown += 1
            if shown == limit:
                return


def _show_conflicts(path: Path, node: str | None, limit: int) -> None:
    for conflict in read_conflicts(path, limit):
        if node is not None and conflict.node != node:
            continue
        line = {
            "at": _time(conflict.at),
            "district": conflict.district,
            "node": conflict.node,
            "epoch": f"{conflict.epoch:08x}",
            "seq": conflict.seq,
            "kept": _told(conflict.kept),
            "other": _told(conflict.other),
        }
        click.echo(json.dumps(line, ensure_ascii=False))


def _show_quarantine(path: Path, node: str | None, limit: int) -> None:
    for one in read_payloads(path, limit):
        if node is not None and f"/{node}/" not in one.topic:
            continue
        line = {
            "at": _time(one.at),
            "topic": one.topic,
            "reason": one.reason,
            "detail": one.detail,
            "payload": one.payload[:SHOWN_PAYLOAD_BYTES].decode("utf-8", "replace"),
        }
        click.echo(json.dumps(line, ensure_ascii=False))


def _line(batch: Batch, position: int, source: Source, record: Record) -> dict[str, Any]:
    return {
        "batch": batch.number,
        "position": position,
        "received": _time(batch.received_at_ms / 1000),
        "district": source.district,
        "node": source.node,
        "epoch": f"{source.epoch:08x}",
        **_facts(record),
    }


def _facts(record: Record) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "seq": record.seq,
        "kind": Kind(record.kind).name.lower(),
        "wall": None if record.wall_s is None else _time(record.wall_s),
        "mono_ms": record.mono_ms,
        "quality": Quality(record.quality).name.lower(),
    }
    if record.kind != Kind.READING:
        return {**facts, "body": record.body.hex()}
    pad = record.scratchpad.hex()
    return {
        **facts,
        "sensor": kernel_name(record.rom),
        "celsius": record.celsius,
        "scratchpad": pad,
    }


def _told(data: bytes) -> dict[str, Any]:
    try:
        return _facts(Record.from_bytes(data))
    except RecordError:
        return {"bytes": data.hex()}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _folder(config_file: Path | None, directory: Path | None) -> Path:
    return directory if directory is not None else load_config(config_file).state.ledger


def _witness(text: str) -> tuple[int, bytes]:
    number, _, digest = text.partition(":")
    try:
        if not digest:
            raise ValueError
        return int(number), bytes.fromhex(digest)
    except ValueError as error:
        raise click.BadParameter(f"{text!r}: BATCH:HASH, e.g. 17:9f3c2a10") from error


def _show_progress(result: Verification) -> None:
    click.echo(f"  {result.files} 天 / days, {result.records:,} 条 / records", err=True)
