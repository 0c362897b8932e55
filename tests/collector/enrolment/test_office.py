"""Codes, renewal, revocation: who gets a certificate and who does not, at any time."""

import itertools
import random

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatward_collector.enrolment import Authority, Book, Office, Refusal
from heatward_collector.enrolment.authority import utc
from heatward_collector.enrolment.book import ALPHABET, CODE_LETTERS
from heatward_collector.errors import EnrolmentError
from heatward_node import openssl
from support.enrolled import NOW, SetClock


@pytest.fixture(scope="module")
def requests(tmp_path_factory):
    """Signing requests by the node's own means, of two keys and of three names."""
    folder = tmp_path_factory.mktemp("keys")
    for key in "ab":
        openssl.make_key(folder / key)
    return {
        (key, node): openssl.make_request(folder / key, node)
        for key, node in itertools.product("ab", ("n0001", "n0002", "collector"))
    }


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def office(tmp_path, clock):
    authority = Authority.found(tmp_path / "authority", utc(clock.now))
    return Office(authority, Book(tmp_path / "book.sqlite"), clock)


def refused(action, *arguments):
    with pytest.raises(Refusal) as caught:
        action(*arguments)
    return caught.value.reason


def test_a_code_brings_a_certificate_for_the_node_it_was_made_for(office, requests):
    code = office.issue_code("n0001")
    assert len(code) == CODE_LETTERS
    assert set(code) <= set(ALPHABET)
    certificate = x509.load_pem_x509_certificate(
        office.enrol("n0001", code, requests["a", "n0001"]).encode()
    )
    assert certificate.subject.rfc4514_string() == "CN=n0001"
    certificate.verify_directly_issued_by(office.authority.certificate)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_code_of_another_node_or_of_nobody_brings_nothing(office, requests):
    code = office.issue_code("n0001")
    assert refused(office.enrol, "n0002", code, requests["a", "n0002"]) == "code_unknown"
    assert refused(office.enrol, "n0001", code[:-1], requests["a", "n0001"]) == "code_unknown"
    assert refused(office.enrol, "n0001", "", requests["a", "n0001"]) == "code_unknown"
    assert office.book.certificates() == []


def test_a_code_serves_one_key_and_answers_it_again_for_a_day(office, clock, requests):
    code = office.issue_code("n0001")
    first = office.enrol("n0001", code, requests["a", "n0001"])
    clock.days(0.99)
    assert office.enrol("n0001", code, requests["a", "n0001"]) == first
    assert refused(office.enrol, "n0001", code, requests["b", "n0001"]) == "code_used"
    clock.days(0.02)
    assert refused(office.enrol, "n0001", code, requests["a", "n0001"]) == "code_expired"


def test_a_code_waits_in_a_drawer_until_its_first_use(office, clock, requests):
    code = office.issue_code("n0001")
    clock.days(200)
    assert office.enrol("n0001", code, requests["a", "n0001"])


def test_a_newer_code_puts_an_unused_older_one_out_of_use(office, requests):
    old, new = office.issue_code("n0001"), office.issue_code("n0001")
    assert refused(office.enrol, "n0001", old, requests["a", "n0001"]) == "code_unknown"
    assert office.enrol("n0001", new, requests["a", "n0001"])


def test_a_card_made_anew_shuts_the_old_one_out(office, requests):
    office.enrol("n0001", office.issue_code("n0001"), requests["a", "n0001"])
    office.enrol("n0001", office.issue_code("n0001"), requests["b", "n0001"])
    newest, oldest = office.book.certificates("n0001")
    assert (newest.revoked_s, oldest.reason) == (None, "superseded")
    assert refused(office.renew, "n0001", requests["a", "n0001"]) == "other_key"
    (entry,) = x509.load_pem_x509_crl(office.revocation_list())
    assert f"{entry.serial_number:x}" == oldest.serial


def test_renewal_needs_the_same_key_and_no_code(office, clock, requests):
    first = office.enrol("n0001", office.issue_code("n0001"), requests["a", "n0001"])
    assert office.renew("n0001", requests["a", "n0001"]) == first  # far from its end
    assert refused(office.renew, "n0001", requests["b", "n0001"]) == "other_key"
    assert refused(office.renew, "n0002", requests["a", "n0002"]) == "unknown"
    clock.days(397 - 59)
    second = office.renew("n0001", requests["a", "n0001"])
    assert second != first
    clock.days(600)  # ran out while the node lay in a cupboard
    assert office.renew("n0001", requests["a", "n0001"]) not in (first, second)


def test_a_revoked_node_gets_nothing_more(office, requests):
    code = office.issue_code("n0001")
    office.enrol("n0001", code, requests["a", "n0001"])
    spare = office.issue_code("n0001")
    assert office.revoke("n0001", "stolen") == 1
    assert refused(office.renew, "n0001", requests["a", "n0001"]) == "revoked"
    assert refused(office.enrol, "n0001", code, requests["a", "n0001"]) == "code_unknown"
    assert refused(office.enrol, "n0001", spare, requests["a", "n0001"]) == "code_unknown"
    assert office.book.shut_out() == ["n0001"]


def test_ends_are_announced_thirty_days_ahead(office, clock, requests):
    office.enrol("n0001", office.issue_code("n0001"), requests["a", "n0001"])
    clock.days(366)
    assert office.expiring() == []
    clock.days(2)
    assert [one.node for one in office.expiring()] == ["n0001"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pem: "",
        lambda pem: "x" * 5000,
        lambda pem: pem.replace("A", "B", 3),
        lambda pem: pem + "\u4e00",
        lambda pem: pem[: len(pem) // 2],
    ],
)
def test_what_is_no_sound_request_is_refused_and_costs_no_code(office, requests, spoil):
    code = office.issue_code("n0001")
    bad = spoil(requests["a", "n0001"])
    assert refused(office.enrol, "n0001", code, bad) == "request"
    assert refused(office.enrol, "n0001", code, requests["a", "n0002"]) == "request"
    assert office.enrol("n0001", code, requests["a", "n0001"])


@pytest.mark.parametrize("node", ["collector", "", "N1", "a/b", "+", "#", "a" * 33, "%u", "x y"])
def test_names_that_a_topic_or_the_collector_could_mean_get_no_code(office, node):
    assert refused(office.issue_code, node) == "node"


def test_an_authority_is_founded_once_and_opened_again(tmp_path):
    first = Authority.found(tmp_path, utc(NOW))
    again = Authority.found(tmp_path, utc(NOW + 9))
    assert first.pem == again.pem
    assert (tmp_path / "ca.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(EnrolmentError, match="init"):
        Authority(tmp_path / "none")


def test_the_own_certificates_are_renewed_before_their_end_and_with_a_new_name(tmp_path):
    authority = Authority.found(tmp_path, utc(NOW))
    assert authority.keep_own("heat.example", utc(NOW)) == ["server", "collector", "canary"]
    assert authority.keep_own("heat.example", utc(NOW + 300 * 86_400)) == []
    assert authority.keep_own("other.example", utc(NOW)) == ["server"]
    assert authority.keep_own("other.example", utc(NOW + 340 * 86_400)) == [
        "server",
        "collector",
        "canary",
    ]
    server = x509.load_pem_x509_certificate((tmp_path / "server.pem").read_bytes())
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["other.example"]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from(["code", "enrol a", "enrol b", "renew a", "renew b", "revoke", "day"]),
        max_size=12,
    )
)
def test_whatever_happens_one_key_at_most_is_let_in(tmp_path, requests, deeds):
    clock = SetClock()
    authority = Authority.found(tmp_path / "authority", utc(NOW))
    office = Office(authority, Book(tmp_path / f"{random.getrandbits(64)}.sqlite"), clock)
    codes = [office.issue_code("n0001")]
    enrolled: dict[str, str] = {}
    for deed in deeds:
        verb, _, key = deed.partition(" ")
        try:
            if verb == "code":
                codes.append(office.issue_code("n0001"))
            elif verb == "enrol":
                office.enrol("n0001", codes[-1], requests[key, "n0001"])
                assert enrolled.setdefault(codes[-1], key) == key
            elif verb == "renew":
                office.renew("n0001", requests[key, "n0001"])
            elif verb == "revoke":
                office.revoke("n0001", "test")
            else:
                clock.days(1.1)
        except Refusal:
            pass
        valid = {one.key for one in office.book.certificates() if one.revoked_s is None}
        assert len(valid) <= 1
    office.book.close()
