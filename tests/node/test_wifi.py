"""wifi.txt as people write it: any editor, any order, and clear words where it cannot be used."""

import configparser
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_node.errors import WifiNotUnderstood
from heatward_node.wifi import (
    CONNECTION,
    ERROR_FILE,
    PROBLEMS,
    Wifi,
    explanation,
    keyfile,
    parse_wifi,
    take_wifi,
)

HOME = Wifi("我家的网络", "12345678")
TEXT = "名称=我家的网络\n密码=12345678\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gbk"),
        TEXT.encode("utf-16"),
        TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
        TEXT.replace("\n", "\r\n").encode("gbk"),
        TEXT.rstrip().encode(),
        "我家的网络\n12345678\n".encode(),
        "密码：12345678\n名称：我家的网络\n".encode(),
        "SSID = 我家的网络\nPassword = 12345678".encode(),
        '\n# 我的\n  Wi-Fi名称 ＝ “我家的网络”\n\n wifi密码: "12345678"  \n'.encode(),
        "\u3000名称=我家的网络\u3000\n密码=12345678".encode(),
    ],
)
def test_whatever_editor_wrote_it_the_network_is_the_same(data):
    assert parse_wifi(data) == HOME


def test_signs_in_names_and_passwords_stay_what_they_are():
    assert parse_wifi(b"name=a=b:c;d\npassword=p=w:d;\\12 #") == Wifi("a=b:c;d", "p=w:d;\\12 #")
    assert parse_wifi(b"a:b\nx=12345678") == Wifi("a:b", "x=12345678")
    assert parse_wifi(b"name=open\n") == Wifi("open", "")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n\n# nothing\n", "empty"),
        (b"password=12345678", "empty"),
        (b"name=a\npassword=1234567", "password"),
        ("name=a\npassword=一二三四五六七八".encode(), "password"),
        (b"name=a\npassword=" + b"x" * 64, "password"),
        (("名称=" + "网" * 11).encode(), "name"),
        (b"name=a\nname=b\npassword=12345678", "twice"),
        (b"a\n12345678\nmore\n", "lines"),
        (b"name=a\x07b\npassword=12345678", "letters"),
        (b"name=a\npassword=12345678\n" + b"#" * 5000, "long"),
        (b"name=\xff\n\x81\xff", "encoding"),
    ],
)
def test_what_cannot_be_used_has_a_reason_with_words_for_it(data, reason):
    with pytest.raises(WifiNotUnderstood) as caught:
        parse_wifi(data)
    assert caught.value.reason == reason
    assert "例如" in explanation(reason)


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_a_network_or_a_reason(data):
    try:
        wifi = parse_wifi(data)
    except WifiNotUnderstood as error:
        assert error.reason in PROBLEMS
    else:
        assert 1 <= len(wifi.name.encode()) <= 32
        keyfile(wifi)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=63))
def test_a_password_cannot_add_a_line_to_the_keyfile(password):
    text = keyfile(Wifi("家", password))
    file = configparser.RawConfigParser()
    file.read_string(text)
    assert file["wifi-security"]["psk"] == password.replace("\\", "\\\\")
    assert file["wifi"]["ssid"] == "229;174;182;"
    assert set(file.sections()) == {"connection", "wifi", "wifi-security", "ipv4", "ipv6"}


@pytest.fixture
def card(tmp_path):
    boot, networks = tmp_path / "boot", tmp_path / "networks"
    boot.mkdir()
    return boot, networks


@pytest.mark.parametrize("name", ["wifi.txt", "WIFI.TXT", "wifi.txt.txt", "Wifi 1.txt"])
def test_a_file_that_was_read_is_gone_and_the_network_is_only_roots(card, name):
    boot, networks = card
    (boot / name).write_bytes(TEXT.encode("gbk"))
    (boot / ERROR_FILE).write_text("from before")
    assert take_wifi(boot, networks) == "taken"
    assert list(boot.iterdir()) == []
    assert (networks / CONNECTION).stat().st_mode & 0o777 == 0o600
    assert "psk=12345678\n" in (networks / CONNECTION).read_text()
    assert take_wifi(boot, networks) == "none"


def test_what_was_written_is_overwritten_before_it_is_removed(card):
    boot, networks = card
    (boot / "wifi.txt").write_text(TEXT)
    second = boot / "kept"
    os.link(boot / "wifi.txt", second)  # another name of the same blocks
    take_wifi(boot, networks)
    assert not any(second.read_bytes())


def test_a_file_that_was_not_understood_stays_and_says_why(card):
    boot, networks = card
    (boot / "wifi.txt").write_text("名称=a\n密码=123\n")
    assert take_wifi(boot, networks) == "password"
    assert (boot / "wifi.txt").exists()
    text = (boot / ERROR_FILE).read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert "8 到 63" in text.decode("utf-8-sig")
    assert not networks.exists()


def test_the_words_about_a_file_go_with_it(card):
    boot, networks = card
    (boot / ERROR_FILE).write_text("about a file that somebody removed")
    assert take_wifi(boot, networks) == "none"
    assert list(boot.iterdir()) == []


def test_of_two_files_none_is_guessed(card):
    boot, networks = card
    (boot / "wifi.txt").write_text(TEXT)
    (boot / "wifi2.txt").write_text(TEXT)
    assert take_wifi(boot, networks) == "files"
