"""From template and facts to a page in the reader's language."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...locale import CHINESE, ENGLISH, LANGUAGES, Texts, message, texts
from ...spot_checks import photos
from ..rights.door import door_of
from ..words.formats import Formats
from .body_limit import MOST_BYTES_SIGNED_IN
from .menu import ROLE_NAMES, menu_of

STILL = "still"
"""In the address of a page that its reader keeps from renewing itself (WCAG 2.2.2)."""
LANGUAGE_COOKIE = "heatward_language"
_YEAR_SECONDS = 365 * 86400
_ROOMS = Path(__file__).parents[1]
"""A template lies beside the code that fills it, and is named by its room and name."""
_CSRF = Markup('<input type="hidden" name="csrf" value="{}">')
"""Stands in every form that changes something; see :mod:`heatward_collector.api.rights.access`."""
_MOST_MB = {
    "most_mb_of_files": photos.MOST_BYTES // 2**20,
    "most_mb_of_forms": (MOST_BYTES_SIGNED_IN - 1) // 2**20,
}
"""How large a file may be that is kept, and what a form carries: the rest of it needs room too."""
_OTHER = {CHINESE: ENGLISH, ENGLISH: CHINESE}


def language_of(request: Request) -> str:
    """Return what the address asks for, else what was chosen before, else Chinese."""
    for wish in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wish in LANGUAGES:
            return str(wish)
    return CHINESE


def formats_of(request: Request, zone: ZoneInfo, now_s: float) -> Formats:
    """Return how values are written for this reader."""
    return Formats(texts(language_of(request)), zone, now_s)


def render(
    request: Request,
    template: str,
    write: Formats,
    *,
    demo: bool,
    now_s: float,
    status_code: int = 200,
    refresh_seconds: int = 0,
    **values: Any,
) -> HTMLResponse:
    """Fill a template; remember a language that was chosen in the address."""
    language = write.say.language
    other = texts(_OTHER[language])
    query = {**request.query_params, "lang": other.language}
    is_still = STILL in request.query_params
    still = {**request.query_params, STILL: "yes"}
    if is_still:
        del still[STILL]
    page = _environment(language).get_template(template)
    viewer = door_of(request).viewer(request)
    response = HTMLResponse(
        page.render(
            say=write.say,
            write=write,
            demo=demo,
            now_s=now_s,
            refresh_seconds=0 if is_still else refresh_seconds,
            renews=bool(refresh_seconds),
            still_url=f"{request.url.path}?{urlencode(still)}",
            other_language_url=f"{request.url.path}?{urlencode(query)}",
            other_language_tag=other.html_language,
            other_language_name=other(message("English")),
            viewer=viewer,
            csrf=_CSRF.format(viewer.csrf),
            menu=menu_of(viewer.role),
            role_name=write.say(ROLE_NAMES[viewer.role]),
            **values,
        ),
        status_code=status_code,
        headers={"Content-Language": write.say.html_language, "Vary": "Cookie"},
    )
    if request.query_params.get("lang") == language:
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=_YEAR_SECONDS, samesite="lax", httponly=True
        )
    return response


def see_other(path: str) -> RedirectResponse:
    """Send somebody on after a form, so that reloading does not send it again."""
    return RedirectResponse(path, 303)


def fragment(template: str, write: Formats, **values: Any) -> Markup:
    """Fill a template that is a part of pages: made once, it can stand in many of them."""
    return Markup(filled(template, write.say, write=write, **values))


def filled(template: str, say: Texts, **values: Any) -> str:
    """Fill a template that knows nothing of who looks at it."""
    return _environment(say.language).get_template(template).render(say=say, **values)


@functools.cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_ROOMS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations = texts(language).translations
    environment.globals.update(_MOST_MB)
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    return environment
