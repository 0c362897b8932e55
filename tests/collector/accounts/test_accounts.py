"""Accounts, one-time links, sessions, tokens and the log, on both databases."""

from __future__ import annotations

import pytest

from heatward_collector.accounts import Accounts, Role, Viewer
from heatward_collector.accounts.people import INVITATION_S
from heatward_collector.accounts.residents import new_resident, renewed
from heatward_collector.accounts.sessions import OFFICE_S, PHONE_S, TOKEN_S
from heatward_collector.errors import AccountRefused
from heatward_collector.registry import Registry

PASSWORD = "correct horse"


def test_an_account_is_opened_by_a_link_that_works_once(accounts: Accounts) -> None:
    person = accounts.people.add("li.hong", "李红", Role.STREET, "st-songhua")
    assert accounts.people.verified("li.hong", "") is None
    assert not accounts.people.anyone_can_sign_in()
    secret = accounts.people.invite(person.id)
    assert accounts.people.invited(secret) == person
    accepted = accounts.people.accept(secret, PASSWORD)
    assert accepted is not None and accepted.id == person.id
    assert accounts.people.accept(secret, "another password") is None
    found = accounts.people.verified("li.hong", PASSWORD)
    assert found is not None and (found.role, found.scope) == (Role.STREET, "st-songhua")
    assert accounts.people.verified("li.hong", "another password") is None
    assert accounts.people.verified("nobody", PASSWORD) is None
    assert accounts.people.anyone_can_sign_in()


def test_a_link_dies_of_age_and_of_a_newer_one(accounts: Accounts, clock) -> None:
    person = accounts.people.add("op", "Op", Role.OPERATOR)
    first = accounts.people.invite(person.id)
    second = accounts.people.invite(person.id)
    assert accounts.people.invited(first) is None
    clock.now_s += INVITATION_S - 1
    assert accounts.people.invited(second) is not None
    clock.now_s += 1
    assert accounts.people.invited(second) is None
    assert accounts.people.accept(second, PASSWORD) is None


def test_a_new_password_signs_out_every_browser(accounts: Accounts) -> None:
    person = accounts.people.add("op", "Op", Role.OPERATOR)
    session = accounts.sessions.open(person.id, Role.OPERATOR)
    token = accounts.sessions.new_token(person.id, "prometheus")
    assert accounts.people.accept(accounts.people.invite(person.id), PASSWORD) is not None
    assert accounts.sessions.viewer(session) is None
    assert accounts.sessions.viewer(token, is_token=True) is None


def test_a_closed_account_is_out_at_once(accounts: Accounts) -> None:
    person = accounts.people.add("op", "Op", Role.OPERATOR, secret=PASSWORD)
    session = accounts.sessions.open(person.id, Role.OPERATOR)
    link = accounts.people.invite(person.id)
    accounts.people.disable(person.id)
    assert accounts.sessions.viewer(session) is None
    assert accounts.people.invited(link) is None
    assert accounts.people.verified("op", PASSWORD) is None
    accounts.people.disable(person.id, disabled=False)
    assert accounts.people.verified("op", PASSWORD) is not None
    assert accounts.sessions.viewer(session) is None


@pytest.mark.parametrize(
    ("role", "scope", "lasts_s"),
    [(Role.STREET, "st-songhua", OFFICE_S), (Role.VOLUNTEER, "es-jiangpan", PHONE_S)],
)
def test_a_session_lasts_a_day_in_an_office_and_a_season_on_a_phone(
    accounts: Accounts, clock, role: Role, scope: str, lasts_s: int
) -> None:
    person = accounts.people.add("one", "One", role, scope)
    secret = accounts.sessions.open(person.id, role)
    clock.now_s += lasts_s - 1
    viewer = accounts.sessions.viewer(secret)
    assert viewer is not None and (viewer.role, viewer.scope) == (role, scope)
    assert len(viewer.csrf) == 32 and viewer.csrf not in secret
    clock.now_s += 1
    assert accounts.sessions.viewer(secret) is None


def test_a_cookie_is_no_token_and_a_token_is_no_cookie(accounts: Accounts, clock) -> None:
    person = accounts.people.add("op", "Op", Role.OPERATOR)
    cookie = accounts.sessions.open(person.id, Role.OPERATOR)
    token = accounts.sessions.new_token(person.id, "prometheus")
    assert accounts.sessions.viewer(cookie, is_token=True) is None
    assert accounts.sessions.viewer(token) is None
    viewer = accounts.sessions.viewer(token, is_token=True)
    assert viewer is not None and viewer.by_token and viewer.csrf == ""
    accounts.sessions.close(token)
    assert accounts.sessions.viewer(token, is_token=True) is None
    clock.now_s += TOKEN_S
    assert accounts.sessions.viewer("", is_token=True) is None


def test_signing_out_ends_one_session_only(accounts: Accounts) -> None:
    person = accounts.people.add("op", "Op", Role.OPERATOR)
    one, other = (accounts.sessions.open(person.id, Role.OPERATOR) for _ in range(2))
    accounts.sessions.close(one)
    assert accounts.sessions.viewer(one) is None
    assert accounts.sessions.viewer(other) is not None


def test_a_resident_s_link_and_code_belong_together(accounts: Accounts) -> None:
    link, code, person = new_resident(accounts.people, "h0001", "home h0001")
    assert len(link) >= 43 and len(code) == 8
    assert accounts.people.verified(link, code) == person
    new_code = renewed(accounts.people, person)
    assert accounts.people.verified(link, code) is None
    assert accounts.people.verified(link, new_code) is not None


@pytest.mark.parametrize(
    ("login", "name", "role", "scope"),
    [
        ("Li", "Li", Role.CITY, ""),
        ("l", "Li", Role.CITY, ""),
        ("../x", "Li", Role.CITY, ""),
        ("li", "", Role.CITY, ""),
        ("li", "Li", Role.CITY, "sample"),
        ("li", "Li", Role.STREET, ""),
        ("li", "Li", Role.DEMO, ""),
        ("taken", "Li", Role.CITY, ""),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    accounts: Accounts, login: str, name: str, role: Role, scope: str
) -> None:
    accounts.people.add("taken", "Taken", Role.CITY)
    with pytest.raises(AccountRefused):
        accounts.people.add(login, name, role, scope)
    assert len(accounts.people.all()) == 1


def test_the_log_keeps_everything_newest_first(accounts: Accounts, clock) -> None:
    viewer = Viewer(Role.STREET, "st-songhua", "abc", "李红")
    for number in range(5):
        clock.now_s += 1
        accounts.audit.note(viewer, f"POST /{number}", "x" * 500, "192.0.2.1")
    newest = accounts.audit.newest(2)
    assert [deed.action for deed in newest] == ["POST /4", "POST /3"]
    assert len(newest[0].target) == 200
    assert [deed.action for deed in accounts.audit.newest(9, before=newest[1].id)] == [
        "POST /2",
        "POST /1",
        "POST /0",
    ]
    assert accounts.audit.newest(9, account="other") == []


def test_no_secret_can_be_read_from_the_database(tmp_path) -> None:
    accounts = Accounts(Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}"), lambda: 0.0)
    person = accounts.people.add("op", "Op", Role.OPERATOR, secret=PASSWORD)
    secrets = [
        PASSWORD,
        accounts.sessions.open(person.id, Role.OPERATOR),
        accounts.sessions.new_token(person.id, "t"),
        accounts.people.invite(person.id),
        new_resident(accounts.people, "h0001", "home")[1],
    ]
    held = b"".join(one.read_bytes() for one in tmp_path.glob("registry.sqlite*"))
    assert b"$argon2id$" in held
    for secret in secrets:
        assert secret.encode() not in held


def test_accounts_do_not_touch_the_registry(tmp_path) -> None:
    registry = Registry(f"sqlite:///{tmp_path / 'r.sqlite'}")
    before = registry.version()
    Accounts(registry, lambda: 0.0).people.add("op", "Op", Role.OPERATOR)
    assert registry.version() == before
    assert "account" not in registry.content()[1]
