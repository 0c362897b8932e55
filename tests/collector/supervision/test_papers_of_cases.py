"""Orders, register and chat texts: complete, in both languages, and without a home."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from heatward_collector.cases import CaseStore
from heatward_collector.commands.supervise import supervise
from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What
from heatward_collector.core.suppression import Level
from heatward_collector.errors import CaseRefused, HeatwardError
from heatward_collector.locale import CHINESE, ENGLISH, texts
from heatward_collector.supervision import CaseFiles
from heatward_collector.supervision.order import chat_text, order
from heatward_collector.supervision.register import read_columns, register, usual_columns
from support.season_books import SeasonBooks, moment

BEGUN = moment("2021-12-01 22:00")
NOW = BEGUN + 6 * 3600
HOMES = tuple(f"h{number:04d}" for number in range(1, 7))


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """Return a district with an outage of six homes that its supplier knows of since 01:00."""
    books = SeasonBooks(tmp_path_factory.mktemp("books"))
    store = CaseStore(books.registry.database)
    event = Event(
        What.OPENED,
        BEGUN + 7200,
        kind=CaseKind.OUTAGE,
        where=HeatPlace(Level.SOURCE, "so-qingsong"),
        sign="acute-source-so-qingsong-1",
        revision=1,
        begun_s=BEGUN,
        homes=HOMES,
        buildings=("b001",),
        facts={"median_celsius": 16.4, "outdoor_celsius": -21.0},
    )
    with store.change() as change:
        case = change.open(event)
        change.record(case.number, Event(What.NOTIFIED, BEGUN + 7300))
        change.record(case.number, Event(What.REACHED_SUPPLIER, BEGUN + 3 * 3600))
    return books


@pytest.fixture
def files(books):
    files = CaseFiles(books.config, NOW)
    yield files
    files.close()


def test_the_chat_text_says_all_that_a_group_needs_and_names_no_home(files):
    text = chat_text(files.one(1), texts(ENGLISH))
    for words in ("outage", "16.4 °C", "Qingsong Heating", "0451-00000001", "since 1 Dec 22:00"):
        assert words in text
    # 10 h on site and 48 h to mend, from the delivery at 01:00.
    assert "by 2 Dec 11:00" in text
    assert "by 4 Dec 01:00" in text
    assert not any(home in text for home in HOMES)
    assert "停热" in chat_text(files.one(1), texts(CHINESE))


def test_a_handful_of_homes_is_told_without_their_temperature(files):
    file = files.one(1)
    few = replace(file, case=replace(file.case, homes=HOMES[:4]))
    assert "16.4" not in chat_text(few, texts(ENGLISH))


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_the_order_is_one_page(files, language):
    paper = order(files.one(1), texts(language))
    assert paper.startswith(b"%PDF")
    assert paper.count(b"/Type/Page/") + paper.count(b"/Type /Page\n") <= 1
    assert order(files.one(1), texts(language)) == paper


def test_an_unknown_case_is_refused(files):
    with pytest.raises(CaseRefused, match="99"):
        files.one(99)


def test_the_register_has_a_row_a_case_in_the_offices_own_columns(files):
    columns = read_columns("# ours\n编号 = number\n何时 = begun\n领导批示 = empty\n超时 = late\n")
    sheet = register([files.one(1)], columns, texts(CHINESE))
    assert sheet.columns == ("编号", "何时", "领导批示", "超时")
    number, begun, note, late = sheet.rows[0]
    assert (number, int(begun.timestamp()), note, late) == (1, BEGUN, "", "否")
    full = register([files.one(1)], usual_columns(texts(ENGLISH)), texts(ENGLISH))
    row = dict(zip(full.columns, full.rows[0], strict=True))
    assert (row["Homes affected"], row["Median room, °C"]) == (6, 16.4)


@pytest.mark.parametrize("text", ["", "编号", "= number", "编号 = nothing"])
def test_columns_that_cannot_be_read_are_refused_with_what_is_allowed(text):
    with pytest.raises(HeatwardError):
        read_columns(text)


def test_the_commands_write_what_they_say(books, tmp_path):
    options = ["-c", str(books.file), "--lang", "zh"]
    runner = CliRunner()
    done = runner.invoke(
        supervise,
        ["order", "1", *options, "--out", str(tmp_path / "o.pdf")],
        catch_exceptions=False,
    )
    assert (tmp_path / "o.pdf").read_bytes().startswith(b"%PDF"), done.output
    target = tmp_path / "register.xlsx"
    span = ["--from", "2021-12-01", "--to", "2021-12-02"]
    runner.invoke(
        supervise, ["register", *options, *span, "--out", str(target)], catch_exceptions=False
    )
    page = load_workbook(target).worksheets[0]
    assert page.max_row == 3
    span = ["--from", "2021-12-03"]
    runner.invoke(
        supervise, ["register", *options, *span, "--out", str(target)], catch_exceptions=False
    )
    assert load_workbook(target).worksheets[0].max_row == 2
    assert "number" in runner.invoke(supervise, ["register", "--fields"]).output
