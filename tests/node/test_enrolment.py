"""A card gets its certificate over real HTTPS, once, and keeps it fresh."""

import http.client
import json
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from heatward_collector.enrolment.authority import Authority, utc
from heatward_node import openssl
from heatward_node.config import parse
from heatward_node.enrolment import (
    Enroller,
    checkpoint_text,
    keep_enrolled,
    read_code,
    sign_checkpoint,
)
from heatward_node.errors import ConfigurationError, EnrolmentRefused, KeyToolError
from heatward_node.publisher import Identity
from support.enrolled import card, configured, found, running_door

IDENTITY = Identity("sample", "n0001")


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """The enrolment process, and its office."""
    folder = tmp_path_factory.mktemp("door")
    config = configured(folder)
    office = found(config, time.time())
    with running_door(config):
        yield config, office


@pytest.fixture
def flashed(door, tmp_path):
    """A card with a fresh code."""
    config, office = door
    return card(config, tmp_path, office.issue_code("n0001"))


def settings_of(enroller):
    return enroller._settings


def test_a_card_makes_its_own_key_and_receives_a_certificate_for_it(flashed):
    settings = settings_of(flashed)
    assert not flashed.is_enrolled
    assert flashed.step()
    assert flashed.is_enrolled
    assert not flashed.step()
    assert settings.key.stat().st_mode & 0o777 == 0o600
    certificate = x509.load_pem_x509_certificate(settings.certificate.read_bytes())
    assert certificate.subject.rfc4514_string() == "CN=n0001"
    assert openssl.end_of(settings.certificate) == certificate.not_valid_after_utc


def test_an_answer_that_never_arrived_is_asked_for_again(flashed):
    flashed.step()
    settings_of(flashed).certificate.unlink()  # as if the power went before it was written
    assert flashed.step()
    assert flashed.is_enrolled


def test_a_copied_card_does_not_get_in_with_the_same_code(door, flashed, tmp_path):
    flashed.step()
    code = read_code(settings_of(flashed).code_file)
    copy = card(door[0], tmp_path / "copy", code)
    with pytest.raises(EnrolmentRefused, match="code_used"):
        copy.step()
    assert copy.last_refusal == "code_used"
    assert not copy.is_enrolled


def test_a_card_whose_code_was_erased_asks_for_nothing(flashed):
    settings_of(flashed).code_file.unlink()
    with pytest.raises(EnrolmentRefused, match="no_code"):
        flashed.step()


def test_a_certificate_is_renewed_two_months_ahead_with_the_same_key(flashed, door):
    flashed.step()
    settings, (_, office) = settings_of(flashed), door
    before = settings.certificate.read_text()
    soon = openssl.end_of(settings.certificate) - timedelta(days=59)
    assert soon - datetime.now(UTC) > timedelta(days=300)
    early = Enroller(settings, IDENTITY, flashed._ca_file, now=lambda: soon)
    assert not early.step()  # the collector's clock knows that it is not due: the same comes back
    real, office._now = office._now, soon.timestamp
    try:
        office.renew("n0001", openssl.make_request(settings.key, "n0001"))
        assert early.step()
    finally:
        office._now = real
    assert settings.certificate.read_text() != before
    assert flashed.is_enrolled


def test_a_server_of_another_authority_is_not_spoken_to(door, tmp_path):
    config, office = door
    other = Authority.found(tmp_path / "other", utc(time.time()))
    enroller = card(config, tmp_path, office.issue_code("n0002"), "n0002")
    enroller._ca_file = other.folder / "ca.pem"
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        enroller.step()
    assert office.book.certificates("n0002") == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"node": 1}', b"x" * 20_000, b"\xff"])
def test_what_is_no_request_is_refused_whole(door, body):
    config, _ = door
    context = ssl.create_default_context(cafile=str(config.enrolment.directory / "ca.pem"))
    for verb in ("enrol", "renew"):
        line = http.client.HTTPSConnection("127.0.0.1", config.enrolment.port, context=context)
        line.request("POST", f"/v1/{verb}", body)
        answer = line.getresponse()
        assert answer.status == 400
        assert json.loads(answer.read()) == {"refused": "request"}
        line.close()


def test_the_loop_tries_until_it_is_enrolled_and_says_so_once(flashed):
    stop, news = threading.Event(), []
    code_file = settings_of(flashed).code_file
    code = code_file.read_text()
    code_file.unlink()
    waits = []

    class Waits(threading.Event):
        def wait(self, timeout=None):
            waits.append(timeout)
            if len(waits) == 3:
                code_file.write_text(code)
            if len(waits) == 5:
                stop.set()
                self.set()
            return self.is_set()

    keep_enrolled(flashed, lambda: news.append(1), Waits(), jitter=lambda: 1.0)
    assert news == [1]
    assert waits == [10.0, 20.0, 40.0, 86_400.0, 86_400.0]


def test_an_answer_that_is_no_http_does_not_end_the_loop(flashed):
    stop, answers = threading.Event(), [http.client.BadStatusLine("garbage"), None]

    def look_further():
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        stop.set()

    class NoWait(threading.Event):
        def wait(self, timeout=None):
            return self.is_set()

        def is_set(self):
            return stop.is_set()

    keep_enrolled(flashed, lambda: None, NoWait(), look_further)
    assert answers == []


def test_a_checkpoint_is_signed_by_the_key_that_the_certificate_names(flashed):
    settings = settings_of(flashed)
    digest = bytes(range(32))
    assert sign_checkpoint(settings, IDENTITY, 7, 9, digest) == b""  # not enrolled yet
    flashed.step()
    signature = sign_checkpoint(settings, IDENTITY, 7, 9, digest)
    certificate = x509.load_pem_x509_certificate(settings.certificate.read_bytes())
    text = checkpoint_text(IDENTITY, 7, 9, digest)
    certificate.public_key().verify(signature, text, ec.ECDSA(hashes.SHA256()))
    assert b"\nsample\nn0001\n00000007\n9\n" in text


def test_without_its_key_a_card_signs_nothing_and_goes_on(flashed):
    flashed.step()
    settings_of(flashed).key.write_text("damaged")
    assert sign_checkpoint(settings_of(flashed), IDENTITY, 7, 9, bytes(32)) == b""
    with pytest.raises(KeyToolError, match="openssl"):
        openssl.make_request(settings_of(flashed).key, "n0001")


def test_the_settings_bring_the_certificate_to_the_broker(tmp_path):
    (tmp_path / "ca.pem").write_text("")
    base = '[node]\nid = "n0001"\ndistrict = "sample"\n[mqtt]\nca_file = "ca.pem"\n'
    config = parse(base + '[enrolment]\nurl = "https://h:8884/"\n', folder=tmp_path)
    assert config.enrolment is not None
    assert config.enrolment.url == "https://h:8884"
    assert config.broker.certificate_file == tmp_path / "identity" / "certificate.pem"
    assert config.broker.uses_tls
    for wrong in (
        base + '[enrolment]\nurl = "http://h:8884/"\n',
        base.replace('ca_file = "ca.pem"', "") + '[enrolment]\nurl = "https://h"\n',
        base + 'certificate_file = "ca.pem"\nkey_file = "ca.pem"\n[enrolment]\nurl = "https://h"\n',
    ):
        with pytest.raises(ConfigurationError):
            parse(wrong, folder=tmp_path)
