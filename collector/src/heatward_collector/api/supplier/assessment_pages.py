"""The assessment of suppliers on a page: a month or a season, red cards, tables to take along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from ...accounts import Role, Viewer
from ...accounts.roles import OFFICES
from ...assessment import Assessed, Period, assess
from ...assessment.periods import month_or_season
from ...assessment.red_cards import CARDS, Card, card_of, reasons
from ...assessment.sheets import STRATA, name_of, notes_of, printed, sheets_of
from ...cases import CaseStore
from ...core.standard import winter_of
from ...errors import HeatwardError
from ...explain.words import KINDS
from ...local_days import bounds, day_of
from ...locale import Texts, message
from ...papers.printing import FontMissing
from ...papers.sheets import workbook_bytes
from ...refund import Books
from ...registry.tables import office_rating
from ...rules.assessment import Limit, load_limits
from ..frame.grafana_viewer import in_grafana, moment
from ..frame.office_frame import OfficeFrame, read_form
from ..frame.rendering import see_other
from ..records.complaint_pages import SPREADSHEET
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import door_of

LOOKERS = (*OFFICES, Role.OPERATOR, Role.SUPPLIER, Role.DEMO)
MONTHS_OFFERED = 7
"""As long as a season."""
TONES = {Card.RED: "below", Card.WATCH: "marginal_minus", Card.NONE: "met"}
LABELS = {
    "supplier": message("Supplier"),
    "month": message("Month"),
    "points": message("Points, 0 to 100"),
    "note": message("Note"),
}
"""How the form calls its fields, on the page and where one cannot be taken."""
RATER = {"street": message("street office"), "rated_by": message("By whom")}
NO_SUPPLIER = message("Please choose the supplier.")

Looker = Annotated[Viewer, Depends(may(*LOOKERS))]
Exporting = Annotated[Viewer, Depends(may(*LOOKERS, exports=True))]
Rater = Annotated[Viewer, Depends(may(Role.STREET))]
Word = Annotated[str, Form(max_length=200)]
Month = Annotated[str, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$|^$")]
Winter = Annotated[int | None, Query(ge=2000, le=2100)]


@dataclass(frozen=True, slots=True)
class Shown:
    """One supplier, district or city as the page shows it."""

    one: Assessed
    name: str
    card: str
    tone: str
    reasons: str
    lacking: str
    findings: str


@dataclass(frozen=True, slots=True)
class Made:
    """An assessment within somebody's reach."""

    period: Period
    assessed: list[Assessed]
    limits: Mapping[str, Limit]


def routes(frame: OfficeFrame) -> APIRouter:
    """Return the routes of the assessment."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/assessment")
    def shown(
        request: Request, viewer: Looker, month: Month = "", season: Winter = None
    ) -> HTMLResponse:
        with frame.books() as books:
            today = day_of(frame.now(), books.zone)
            if not month and season is None:
                month = f"{today - timedelta(days=1):%Y-%m}"
            made = _made(request, frame, viewer, books, month, season)
            return _page(request, frame, viewer, books, made, month, season, today)

    @router.get("/assessment.xlsx")
    def spreadsheet(
        request: Request, viewer: Exporting, month: Month = "", season: Winter = None
    ) -> Response:
        say = frame.write(request).say
        with frame.books() as books:
            made = _made(request, frame, viewer, books, month, season)
            data = workbook_bytes(sheets_of(made.assessed, made.limits, made.period, books, say))
        headers = {"Content-Disposition": f'attachment; filename="{_file(month, season)}.xlsx"'}
        return Response(data, media_type=SPREADSHEET, headers=headers)

    @router.get("/assessment.pdf")
    def paper(
        request: Request, viewer: Exporting, month: Month = "", season: Winter = None
    ) -> Response:
        say = frame.write(request).say
        with frame.books() as books:
            made = _made(request, frame, viewer, books, month, season)
            try:
                data = printed(
                    made.assessed, made.limits, made.period, books, int(frame.now()), say
                )
            except FontMissing as error:
                return PlainTextResponse(str(error), 503)
        return Response(data, media_type="application/pdf")

    _add_rating(router, frame)
    return router


def _add_rating(router: APIRouter, frame: OfficeFrame) -> None:
    @router.post("/assessment/rating")
    def rate(
        request: Request,
        viewer: Rater,
        supplier: Word = "",
        month: Word = "",
        points: Word = "",
        note: Word = "",
    ) -> Response:
        write, reach = frame.write(request), door_of(request).reach()
        cells = {
            "street": viewer.scope,
            "supplier": supplier,
            "month": f"{month}-01",
            "points": points,
            "rated_by": viewer.name,
            "note": note,
        }
        row, problems = read_form(office_rating, cells, write, {**LABELS, **RATER})
        if not reach.sees(viewer, "supplier", supplier):
            problems.append(write.say(NO_SUPPLIER))
        if problems:
            why = write.say("; ").join(problems)
            return frame.page(
                request, "frame/entry_refused.html", status_code=422, why=why, back="/assessment"
            )
        door_of(request).registry.put({"office_rating": [row]})
        say_more(request, f"supplier={supplier} month={month} points={row['points']:g}")
        return see_other(f"/assessment?month={month}")


def _made(
    request: Request,
    frame: OfficeFrame,
    viewer: Viewer,
    books: Books,
    month: str,
    winter: int | None,
) -> Made:
    """Assess a month or season; answer 404 where there is no such time."""
    if not month and winter is None:
        raise HTTPException(404)
    first = date.fromisoformat(f"{month}-01") if month else None
    try:
        period = month_or_season(first, winter, frame.now(), books)
    except HeatwardError as error:
        raise HTTPException(404) from error
    reach = door_of(request).reach()
    cases = CaseStore(door_of(request).registry.database)
    # The sum of a city tells a single supplier or street more than is theirs.
    within = [one for one in assess(books, cases, period) if reach.sees(viewer, one.kind, one.id)]
    return Made(period, within, load_limits(frame.config.rules.city))


def _page(
    request: Request,
    frame: OfficeFrame,
    viewer: Viewer,
    books: Books,
    made: Made,
    month: str,
    winter: int | None,
    today: date,
) -> HTMLResponse:
    write = frame.write(request)
    rows = [_shown(one, made.limits, books, write.say) for one in made.assessed]
    months = list(_months(today - timedelta(days=1)))
    return frame.page(
        request,
        "supplier/assessment.html",
        period=made.period,
        in_grafana=in_grafana(
            frame.config,
            viewer,
            write.say.language,
            "supplier",
            moment(bounds(made.period.first, books.zone)[0]),
            moment(min(bounds(made.period.last, books.zone)[1], frame.now())),
        ),
        groups=[
            (kind, [row for row in rows if row.one.kind == kind])
            for kind in ("supplier", "district", "city")
        ],
        months=months,
        month=month,
        winter=winter,
        this_winter=winter_of(today),
        query=f"month={month}" if month else f"season={winter}",
        notes=notes_of(made.limits, made.period, write.say)[1:],
        suppliers=[(row.one.id, row.name) for row in rows if row.one.kind == "supplier"],
        labels=LABELS,
        can_rate=viewer.role is Role.STREET and bool(viewer.csrf),
    )


def _months(newest: date) -> Sequence[str]:
    found, day = [], newest.replace(day=1)
    for _ in range(MONTHS_OFFERED):
        found.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def _shown(one: Assessed, limits: Mapping[str, Limit], books: Books, say: Texts) -> Shown:
    card = card_of(one, limits) if one.kind == "supplier" else None
    return Shown(
        one,
        name_of(one, books, say),
        "" if card is None else say(CARDS[card]),
        TONES.get(card, "not_judgeable") if card is not None else "",
        say("; ").join(reasons(one, limits, say)) if card is Card.RED else "",
        say("list separator").join(say(STRATA[stratum]) for stratum in one.lacking),
        say(", ").join(
            say("%(kind)s %(count)d", kind=say(KINDS[kind]), count=count)
            for kind, count in one.findings.items()
            if count
        ),
    )


def _file(month: str, winter: int | None) -> str:
    return f"assessment-{month or winter}"
