"""One page about a campaign: commit, counts, and a square for every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from heatward_collector.torture.campaign import totals
from heatward_collector.torture.catalogue import CATALOGUE, Fault, Where
from heatward_collector.torture.fault_words import CAMPAIGNS, CHINESE
from heatward_collector.torture.runs import Outcome

CELL = 18
GAP = 3
LABEL = 48
RIGHT, WRONG, NOT_RUN = "#2e7d4f", "#b3261e", "#d8dde3"
COUNTED = {
    "readings": "读数 / readings",
    "records": "记录 / records",
    "points": "视图中的点 / points in the view",
    "verdicts": "判定 / verdicts",
    "lost": "丢失 / lost",
    "doubled": "重复 / doubled",
    "altered": "改动 / altered",
    "invented": "凭空多出 / invented",
}
"""What is summed over all runs, in both languages."""
LIVED = {
    "readings": "读数 / readings",
    "verdicts": "判定 / verdicts",
    "cases": "案件 / cases",
    "messages": "消息送达 / messages delivered",
    "kills": "杀死 / kills",
}
"""What is summed over runs on virtual time."""
KILLED = "killed_"
"""How counts of kills begin; what was killed follows."""
WORDS = {
    Where.LINE: "真实运行 / on real servers",
    Where.VIRTUAL: "虚拟时间 / on virtual time",
    Where.TEST: "由测试 / by a test",
    Where.NOT_BUILT: "未做 / not built",
}
STYLE = """
body{font:16px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:24px auto;max-width:960px;
padding:0 16px;color:#1c2733}h1{font-size:24px}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid #e3e8ee;vertical-align:top}
.number{white-space:nowrap}small{color:#5b6773;overflow-wrap:anywhere}.wrong{color:#b3261e}.scroll{overflow-x:auto}pre{white-space:pre-wrap;background:#f6f8fa;padding:8px}
"""


def page(outcomes: Sequence[Outcome], commit: str, wall_s: float, now_s: float) -> str:
    """Return the page as HTML; it needs nothing but itself."""
    wrong = [one for one in outcomes if not one.is_right]
    headline = (
        f"{len(outcomes)} 次运行，全部正确 / {len(outcomes)} runs, all right"
        if not wrong
        else f"{len(outcomes)} 次运行，{len(wrong)} 次不对 / {len(wrong)} of {len(outcomes)} wrong"
    )
    when = datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
    parts = [
        "<!doctype html><html lang='zh'><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'>",
        f"<title>Heatward torture</title><style>{STYLE}</style>",
        f"<h1 class='{'wrong' if wrong else ''}'>{headline}</h1>",
        f"<p>提交 / commit <code>{escape(commit)}</code> · {when} · "
        f"用时 / wall time {wall_s / 60:.1f} min</p>",
        _sums(outcomes),
        "<h2>故障 × 种子 / faults × seeds</h2>",
        f"<div class='scroll'>{squares(outcomes)}</div>",
        *(_wrong(one) for one in wrong),
        _catalogue({one.fault for one in outcomes}),
    ]
    return "\n".join(parts)


def write(
    folder: Path, outcomes: Sequence[Outcome], commit: str, wall_s: float, now_s: float
) -> Path:
    """Write the page into a folder; return the file."""
    file = folder / "report.html"
    file.write_text(page(outcomes, commit, wall_s, now_s), encoding="utf-8")
    return file


def squares(outcomes: Sequence[Outcome]) -> str:
    """Return an SVG with a row for each fault and a square for each seed."""
    faults = list(dict.fromkeys(one.fault for one in outcomes))
    seeds = sorted({one.seed for one in outcomes})
    found = {(one.fault, one.seed): one for one in outcomes}
    width, height = LABEL + len(seeds) * (CELL + GAP), (len(faults) + 1) * (CELL + GAP)
    parts = [f"<svg width='{width}' height='{height}' role='img' font-size='12'>"]
    for column, seed in enumerate(seeds):
        parts.append(f"<text x='{LABEL + column * (CELL + GAP)}' y='12'>{seed}</text>")
    for row, name in enumerate(faults, 1):
        top = row * (CELL + GAP)
        parts.append(f"<text x='0' y='{top + 13}'>{escape(name)}</text>")
        for column, seed in enumerate(seeds):
            one = found.get((name, seed))
            colour = NOT_RUN if one is None else RIGHT if one.is_right else WRONG
            title = "" if one is None else f"<title>{name} {seed}: {one.seconds:.1f} s</title>"
            left = LABEL + column * (CELL + GAP)
            parts.append(
                f"<rect x='{left}' y='{top}' width='{CELL}' height='{CELL}' rx='3' "
                f"fill='{colour}'>{title}</rect>"
            )
    return "".join([*parts, "</svg>"])


def _sums(outcomes: Sequence[Outcome]) -> str:
    sums = totals(outcomes)
    rows = [f"<tr><th>{words}<td>{sums.get(key, 0):,}" for key, words in COUNTED.items()]
    if killed := kills(sums):
        rows.append(f"<tr><th>kill -9<td>{killed}")
    return f"<table>{''.join(rows)}</table>"


def kills(sums: Mapping[str, int]) -> str:
    """Return how often each kind of process was killed, most often first."""
    found = {key.removeprefix(KILLED): n for key, n in sums.items() if key.startswith(KILLED)}
    by_count = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{name} {count:,}" for name, count in by_count)


def _wrong(one: Outcome) -> str:
    problems = escape("\n".join(one.problems))
    again = f"heatward torture --faults {one.fault} --seeds {one.seed}:{one.seed + 1}"
    return f"<h3 class='wrong'>{one.fault}, seed {one.seed}</h3><pre>{problems}\n\n{again}</pre>"


def _catalogue(played: set[str]) -> str:
    rows = "".join(_row(fault, fault.number in played) for fault in CATALOGUE)
    more = "".join(
        f"<p>{escape(name)}: {escape(words)}</p>"
        for name, words in CAMPAIGNS.items()
        if name in played
    )
    return (
        f"{more}<h2>目录 / catalogue</h2><p>● 本次运行过 / played in these runs · ○ 没有 / not</p>"
        f"<div class='scroll'><table>{rows}</table></div>"
    )


def _row(fault: Fault, is_played: bool) -> str:
    where = WORDS[fault.where] + (f": {fault.elsewhere}" if fault.elsewhere else "")
    mark = "●" if is_played else "○"
    return (
        f"<tr><td class='number'>{mark} {fault.number}<td>{escape(CHINESE[fault.number])}"
        f"<br>{escape(fault.what)}<td>{escape(fault.shows)}<br><small>{escape(where)}</small>"
    )
