"""What offices put down on pages: complaints, measurements on site, notices, duties, ratings."""

from __future__ import annotations

import io
import re
import shutil
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from heatward_collector.accounts import Role
from heatward_collector.alerts.recipients import Charge, Recipients
from heatward_collector.api.app import create_app
from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.config import Config, State, Web
from heatward_collector.core.cases.telling import Audience
from heatward_collector.registry import open_registry
from support.findings_board import PaperFindingRoom
from support.season_books import SeasonBooks, moment, open_cold_case
from support.signed_in import SignedIn, sign_in

NOW = float(moment("2021-12-04 09:00"))
TODAY = date(2021, 12, 4)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    """Return the folder of a district with a week of verdicts on two homes, and one case."""
    made = SeasonBooks(tmp_path_factory.mktemp("district"))
    rule = "harbin-2021-10-29"
    days = [TODAY - timedelta(days=back) for back in range(1, 8)]
    made.record(
        [
            DayVerdict("home", home, day, word, rule, {"median": median})
            for day in days
            for home, word, median in (("h0001", "below", 17.0), ("h0003", "met", 21.0))
        ]
        + [DayVerdict("building", "b001", day, "below", rule, {"median": 18.4}) for day in days]
    )
    open_cold_case(made.registry.database, int(NOW))
    made.registry.close()
    return made.folder


@pytest.fixture
def config(district, tmp_path):
    """Return a configuration of a copy of the district."""
    shutil.copytree(district, tmp_path, dirs_exist_ok=True)
    return Config(state=State(tmp_path), web=Web(host="0.0.0.0"))


@pytest.fixture
def registry(config):
    opened = open_registry(config)
    yield opened
    opened.close()


@pytest.fixture
def client(config):
    app = create_app(config, now=lambda: NOW, findings=PaperFindingRoom())
    address = ("203.0.113.7", 1)
    with TestClient(app, "https://heat.example", client=address, follow_redirects=False) as client:
        yield client


@pytest.fixture
def street(client) -> SignedIn:
    return sign_in(client, Role.STREET, "st-songhua")


def post(client, who: SignedIn, path: str, files=None, **fields: str):
    return client.post(f"{path}?lang=en", data={"csrf": who.csrf, **fields}, files=files)


def rows(registry, table: str) -> list[dict]:
    return registry.rows(table)


# Complaints


def test_a_complaint_by_hand_stands_beside_the_readings_of_its_day_and_is_closed(
    client, street, registry
):
    sent = post(
        client, street, "/complaints/new", number="20211203-7", building="b001",
        received="2021-12-03T08:30", text="cold, call 13912345678",
    )  # fmt: skip
    assert sent.status_code == 303
    page = client.get("/complaints?lang=en").text
    assert "20211203-7" in page
    assert "below, 18.4 °C" in page
    assert "0 of 1 closed" in page
    assert "13912345678" not in page
    assert post(client, street, "/complaints/20211203-7/close").status_code == 303
    assert rows(registry, "complaint")[0]["closed_s"] == int(NOW)
    assert "1 of 1 closed (100 %)" in client.get("/complaints?lang=en").text
    assert "<small>已办结 " in client.get("/complaints?lang=zh").text
    noted = [row.target for row in client.app.state.door.accounts.audit.newest(9)]
    assert "complaint=20211203-7 building=b001" in noted


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"number": ""}, "must not be empty"),
        ({"building": "b009"}, "choose the building"),
        ({"building": "nowhere"}, "choose the building"),
        ({"received": "yesterday"}, "is no time"),
        ({"closed": "2021-12-01T08:00"}, "Closed before it was received"),
    ],
)
def test_a_complaint_that_cannot_be_taken_says_why_and_keeps_what_was_typed(
    client, street, registry, fields, word
):
    typed = {"number": "7", "building": "b001", "received": "2021-12-03T08:30", "text": "so cold"}
    answer = post(client, street, "/complaints/new", **{**typed, **fields})
    assert answer.status_code == 422
    assert word in answer.text
    assert "so cold" in answer.text
    assert rows(registry, "complaint") == []


HOTLINE = (
    "诉求编号,受理时间,诉求地址,备注\n"
    "A-1,2021-12-01 10:00,江畔小区1号楼,屋里冷\n"
    "A-2,2021-12-02 10:00,北辰小区,暖气不热\n"
    "A-3,2021-12-02 11:00,b009,冷\n"
)


def word_of(page: str) -> str:
    found = re.search(r'name="file" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_file_of_the_hotline_is_taken_over_in_two_steps_and_its_columns_remembered(
    client, street, registry
):
    file = [("file", ("hotline.csv", HOTLINE.encode(), "text/csv"))]
    first = post(client, street, "/complaints/import", files=file)
    assert "guessed from the headings" in first.text
    assert "3 complaints" in first.text
    assert "building known: 1" in first.text
    assert rows(registry, "complaint") == []
    chosen = {
        "column_number": "诉求编号",
        "column_received": "受理时间",
        "column_address": "诉求地址",
        "column_text": "备注",
    }
    done = post(
        client, street, "/complaints/import/columns", file=word_of(first.text), deed="import",
        **chosen,
    )  # fmt: skip
    assert "3 complaints taken over" in done.text
    assert [row["text"] for row in rows(registry, "complaint")] == ["屋里冷", "暖气不热", "冷"]
    again = post(client, street, "/complaints/import", files=file)
    assert "filled in as last time" in again.text
    assert "<option selected>备注</option>" in again.text


def test_an_office_neither_takes_nor_changes_complaints_of_another_area(client, street, registry):
    text = "number,received,building\nB-1,2021-12-01 10:00,b001\nB-2,2021-12-01 10:00,b009\n"
    registry.put({"complaint": [{**complaint("b-1"), "building": "b009"}]})
    file = [("file", ("a.csv", text.encode(), "text/csv"))]
    first = post(client, street, "/complaints/import", files=file)
    assert "outside your area: 2" in first.text
    post(client, street, "/complaints/import/columns", file=word_of(first.text), deed="import")
    assert [row["building"] for row in rows(registry, "complaint")] == ["b009"]
    assert "b-1" not in client.get("/complaints").text
    assert post(client, street, "/complaints/b-1/close").status_code == 404


def complaint(key: str) -> dict:
    return {
        "id": key,
        "received_s": int(NOW) - 3600,
        "home": None,
        "building": "b001",
        "address": None,
        "text": "=cold",
        "channel": None,
        "state": "open",
        "closed_s": None,
        "recorded_s": int(NOW),
    }


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.csv", b"number,received,place\n1,never,x\n", "is no time"),
        ("a.xlsx", b"PK no workbook", "is no XLSX"),
        ("../../a.csv", "编号,甲,乙\n1,2,3\n".encode(), "say which column is received"),
    ],
)
def test_a_faulty_file_is_answered_with_what_is_wrong(client, street, registry, name, data, word):
    answer = post(client, street, "/complaints/import", files=[("file", (name, data, "x/y"))])
    assert answer.status_code == 422
    assert word in answer.text
    assert rows(registry, "complaint") == []


def test_a_waiting_file_is_for_the_account_that_sent_it(client, street):
    file = [("file", ("hotline.csv", HOTLINE.encode(), "text/csv"))]
    word = word_of(post(client, street, "/complaints/import", files=file).text)
    other = sign_in(client, Role.DISTRICT, "sample")
    answer = post(client, other, "/complaints/import/columns", file=word, deed="import")
    assert "not here any more" in answer.text


def test_complaints_go_out_as_a_table_without_formulas_and_are_written_down(
    client, street, registry
):
    registry.put({"complaint": [complaint("c-1")]})
    answer = client.get("/complaints.xlsx?lang=en")
    page = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [cell.value for cell in page[3]][4] == "'=cold"
    noted = [row.action for row in client.app.state.door.accounts.audit.newest(3)]
    assert "GET /complaints.xlsx" in noted


def test_a_form_without_a_file_says_so(client, street):
    answer = post(client, street, "/complaints/import", files=[("other", ("x", b"x", "x/y"))])
    assert answer.status_code == 422
    assert "Please choose a CSV or XLSX file." in answer.text


# Measurements on site

CHECK = {
    "room": "h0001-r1",
    "measured_s": "2021-12-04T07:10",
    "celsius": "17.2",
    "height_m": "1.4",
    "to_outer_wall_m": "1.5",
    "shut_minutes": "30",
    "instrument": "TM-1",
    "certificate": "HLJ-2021-7",
    "certificate_until": "2022-06-30",
    "resident": "Wang",
    "supplier_person": "Li",
    "office_person": "Zhang",
}


def test_a_measurement_by_three_parties_is_kept_with_its_photo_and_is_official(
    client, street, registry
):
    form = client.get("/spot-checks/new?lang=en").text
    assert "06:00–08:00" in form
    assert "h0001-r1" in form
    assert "h0003" not in form  # no case is open for it
    photo = [("photo", ("p.png", PNG, "image/png"))]
    assert post(client, street, "/spot-checks/new", files=photo, **CHECK).status_code == 303
    row = rows(registry, "spot_check")[-1]
    assert (row["celsius"], row["office_person"]) == (17.2, "Zhang")
    page = client.get("/spot-checks?lang=en").text
    assert ">official<" in page
    assert "The sensor said nothing within a quarter of an hour" in page
    shown = client.get(f"/spot-checks/{row['id']}/photo")
    assert shown.content == PNG
    assert shown.headers["content-type"] == "image/png"
    sign_in(client, Role.STREET, "st-dingxiang")
    assert client.get(f"/spot-checks/{row['id']}/photo").status_code == 404


def test_what_is_wanting_for_an_official_measurement_is_said(client, street):
    noon = {**CHECK, "measured_s": "2021-12-03T11:30", "supplier_person": "", "certificate": ""}
    assert post(client, street, "/spot-checks/new", **noon).status_code == 303
    page = client.get("/spot-checks?lang=en").text
    assert "not official" in page
    assert "the instrument has no valid certificate" in page
    assert "measured in hours without official measurements" in page
    assert "not all three parties signed" in page


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"room": "h0040-r1"}, "no such room in your area"),
        ({"room": "x"}, "no such room in your area"),
        ({"measured_s": "2021-12-04T23:00"}, "lies in the future"),
        ({"celsius": "warm"}, "must be a number"),
        ({"instrument": ""}, "7. Thermometer, its number: must not be empty"),
    ],
)
def test_a_measurement_that_cannot_be_taken_says_why(client, street, registry, fields, word):
    answer = post(client, street, "/spot-checks/new", **{**CHECK, **fields})
    assert answer.status_code == 422
    assert word in answer.text
    assert rows(registry, "spot_check") == []


def test_a_file_that_is_no_photo_is_refused(client, street, registry):
    page = [("photo", ("p.jpg", b"<svg onload=alert(1)>", "image/jpeg"))]
    answer = post(client, street, "/spot-checks/new", files=page, **CHECK)
    assert "the file must be JPG, PNG" in answer.text
    assert rows(registry, "spot_check") == []


def test_without_readings_beside_it_a_measurement_corrects_no_sensor(client, street, registry):
    post(client, street, "/spot-checks/new", **CHECK)
    key = rows(registry, "spot_check")[-1]["id"]
    before = rows(registry, "calibration")
    answer = post(client, street, f"/spot-checks/{key}/correct")
    assert answer.status_code == 409
    assert "No correction can be made" in answer.text
    assert rows(registry, "calibration") == before


# Residents' notices


def test_an_office_and_a_resident_put_notices_down_from_which_refunds_count(
    client, street, registry
):
    sent = post(
        client, street, "/resident-notices/new", home="h0001", given_s="2021-12-01T10:00",
        given_by="Wang", given_to="duty phone", channel="phone",
    )  # fmt: skip
    assert sent.status_code == 303
    own = sign_in(client, Role.RESIDENT, "h0002")
    assert "Qingsong" in client.get("/home/notice?lang=en").text
    told = post(
        client, own, "/home/notice", given_s="2021-12-04T08:00", given_to="Qingsong Heating",
        channel="hotline", note="no. 77",
    )  # fmt: skip
    assert told.status_code == 303
    page = client.get("/home/notice?lang=en").text
    assert "no. 77" in page
    assert "the supplier has 48 hours to mend it" in page
    assert "duty phone" not in page  # that is another home's
    found = {row["home"]: row for row in rows(registry, "resident_notice")}
    assert found["h0001"]["given_s"] == moment("2021-12-01 10:00")
    assert found["h0002"]["given_by"] == "the resident"
    assert found["h0002"]["recorded_s"] == int(NOW)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"home": "h0040"}, "no such home in your area"),
        ({"given_s": "2021-12-05T10:00"}, "lies in the future"),
        ({"channel": "pigeon"}, "is none of"),
        ({"given_to": ""}, "must not be empty"),
    ],
)
def test_a_notice_that_cannot_be_taken_says_why(client, street, registry, fields, word):
    typed = {
        "home": "h0001",
        "given_s": "2021-12-01T10:00",
        "given_by": "Wang",
        "given_to": "Li",
        "channel": "phone",
    }
    answer = post(client, street, "/resident-notices/new", **{**typed, **fields})
    assert answer.status_code == 422
    assert word in answer.text
    assert rows(registry, "resident_notice") == []


# Rosters


def test_who_is_put_on_duty_tonight_is_whom_messages_reach(client, street, registry):
    before = client.get("/roster?lang=en").text
    assert "always in charge; nobody is on the roster" in before
    people = re.findall(r'<option value="([^"]+)">', before.split('name="person"')[1])
    other = next(one for one in people if one.startswith("p"))
    sent = post(
        client, street, "/roster", source="so-qingsong", person=other, rank="1",
        from_s="2021-12-04T17:00", to_s="2021-12-05T08:00",
    )  # fmt: skip
    assert sent.status_code == 303
    page = client.get("/roster?lang=en").text
    assert "by the roster" in page
    tables = registry.content()[1]
    recipients = Recipients(tables["person"], tables["duty"], tables["contact"])
    tonight = moment("2021-12-04 22:00")
    charge = Charge(sources=("so-qingsong",))
    assert [one.id for one in recipients.of(Audience.OFFICER, charge, tonight, TODAY)] == [other]
    duty = next(row for row in rows(registry, "duty") if row["from_s"] > NOW)
    post(client, street, "/roster/end", source="so-qingsong", from_s=str(duty["from_s"]), rank="1")
    assert "by the roster" not in client.get("/roster?lang=en").text


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"source": "so-beichen"}, "choose the heat source"),
        ({"person": "nobody"}, "choose the person"),
        ({"to_s": "2021-12-04T16:00"}, "must end after it begins"),
        ({"from_s": "2021-12-01T17:00", "to_s": "2021-12-02T08:00"}, "over already"),
    ],
)
def test_a_duty_that_cannot_be_taken_says_why(client, street, registry, fields, word):
    page = client.get("/roster?lang=en").text
    people = re.findall(r'<option value="([^"]+)">', page.split('name="person"')[1])
    typed = {
        "source": "so-qingsong",
        "person": people[0],
        "rank": "1",
        "from_s": "2021-12-04T17:00",
        "to_s": "2021-12-05T08:00",
    }
    before = rows(registry, "duty")
    answer = post(client, street, "/roster", **{**typed, **fields})
    assert answer.status_code == 422
    assert word in answer.text
    assert rows(registry, "duty") == before


# Assessment


def test_a_month_is_assessed_on_a_page_in_a_table_and_on_paper(client, street):
    page = client.get("/assessment?month=2021-12&lang=en").text
    assert "2021-12-01 to 2021-12-03" in page
    assert "6 home-days of 2 of" in page
    assert "50 %" in page
    assert "Beichen" not in page  # heats nobody in this street
    table = client.get("/assessment.xlsx?month=2021-12&lang=en")
    names = load_workbook(io.BytesIO(table.content)).sheetnames
    assert names == ["Suppliers", "Districts", "City", "Red cards"]
    paper = client.get("/assessment.pdf?season=2021")
    assert paper.content.startswith(b"%PDF")
    assert client.get("/assessment?month=2022-01").status_code == 404


def test_a_city_sees_the_whole_and_a_supplier_itself_alone(client, registry):
    sign_in(client, Role.CITY)
    everything = client.get("/assessment?month=2021-12&lang=en").text
    assert 'id="group-city"' in everything
    assert "Beichen" in everything
    sign_in(client, Role.SUPPLIER, "su-beichen")
    own = client.get("/assessment?month=2021-12&lang=en").text
    assert "Beichen" in own
    assert "Qingsong" not in own
    assert 'id="group-city"' not in own


def test_a_street_rates_the_suppliers_that_heat_it(client, street, registry):
    sent = post(
        client, street, "/assessment/rating", supplier="su-qingsong", month="2021-12",
        points="72.5", note="slow",
    )  # fmt: skip
    assert sent.status_code == 303
    row = next(row for row in rows(registry, "office_rating") if row["month"] == date(2021, 12, 1))
    assert (row["street"], row["points"]) == ("st-songhua", 72.5)
    assert "72.5" in client.get("/assessment?month=2021-12&lang=en").text
    for wrong in ({"supplier": "su-beichen"}, {"points": "101"}, {"month": "later"}):
        fields = {"supplier": "su-qingsong", "month": "2021-12", "points": "5", **wrong}
        assert post(client, street, "/assessment/rating", **fields).status_code == 422


# All of them


@pytest.mark.parametrize("language", ["zh", "en"])
def test_volunteers_get_none_of_it_and_suppliers_only_their_assessment(client, language):
    paths = ("/records", "/complaints", "/spot-checks", "/resident-notices", "/roster")
    sign_in(client, Role.VOLUNTEER, "es-jiangpan")
    for path in (*paths, "/assessment"):
        assert client.get(f"{path}?lang={language}").status_code == 404
    sign_in(client, Role.SUPPLIER, "su-qingsong")
    page = client.get(f"/records?lang={language}").text
    assert "/assessment" in page
    assert "/complaints" not in page
    for path in paths[1:]:
        assert client.get(path).status_code == 404
