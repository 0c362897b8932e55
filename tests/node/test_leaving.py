"""A home that leaves: everything measured reaches the collector before the card is wiped."""

from heatward_node.leaving import ASKED, WANTED, Leaving


def test_the_wipe_is_asked_for_once_and_only_when_everything_is_kept(tmp_path):
    (tmp_path / WANTED).touch()
    leaving = Leaving(tmp_path, tmp_path)
    assert not leaving.look(False)
    assert not (tmp_path / ASKED).exists()
    assert leaving.look(True)
    assert (tmp_path / ASKED).exists()
    assert not leaving.look(True)


def test_nobody_is_wiped_who_did_not_ask(tmp_path):
    assert not Leaving(tmp_path, tmp_path).look(True)
    assert not (tmp_path / ASKED).exists()
