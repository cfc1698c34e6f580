"""A user's profile comes from the configured file at each start that asks for it, or the start fails."""

import json

import insight
import pytest
from host import Host
from messages import WireError

PROFILES = {
    "ada": {"name": "Ada", "tier": "premium", "lead_score": 85, "more": {"deep": [1, 2.5, None, "ü\u0000"]}},
    "bob": {"name": "Bob"},
}


@pytest.fixture
def profiles(tmp_path):
    path = tmp_path / "profiles.json"
    path.write_text(json.dumps(PROFILES))
    return path


@pytest.fixture
def known(store, configured, profiles):
    with Host(store, config=configured(more={"profiles": {"file": profiles.name}})) as host:
        yield host


def start(host, user, **more):
    metadata = {"loadUserProfile": True, **more.pop("metadata", {})}
    return host.start(userId=user, metadata=metadata, **more)


def refused(host, user="ada", **more):
    with pytest.raises(WireError) as caught:
        start(host, user, conversationId="refused", **more)
    assert (caught.value.code, caught.value.kind) == (1040, "profileUnavailable")
    assert not host.file("refused").exists()
    assert host.request("conversation/list")["conversations"] == []
    return caught.value


def test_the_profile_is_part_of_the_context(known):
    begun = start(known, "ada", conversationId="c", type="sales", context={"custom_data": {"n": 1}})
    assert begun["context"]["user_profile"] == PROFILES["ada"]
    assert begun["context"]["custom_data"] == {"n": 1}
    assert known.get("c")["context"]["user_profile"] == PROFILES["ada"]
    assert insight.ask(known, "c")["context"]["lead_score"] == 85
    insight.check(known, "c", prompts=(None, "Hi"))


def test_one_without_a_lead_score(known):
    start(known, "bob", conversationId="c", type="sales")
    assert insight.ask(known, "c")["context"]["lead_score"] == 0


@pytest.mark.parametrize("metadata", [{}, {"loadUserProfile": False}])
def test_nobody_has_one_who_does_not_ask(known, profiles, metadata):
    profiles.unlink()
    assert "user_profile" not in known.start(userId="ada", metadata=metadata)["context"]


def test_it_stays_with_its_conversation(known, store, configured, profiles):
    """What it was at the start is kept in the file; another host needs no profiles to know it."""
    start(known, "ada", conversationId="c", type="sales")
    profiles.unlink()
    with Host(store, config=configured()) as host:
        assert insight.ask(host, "c")["context"]["lead_score"] == 85
        host.send("c", "hello")
        assert host.get("c")["context"]["user_profile"] == PROFILES["ada"]


def test_the_file_is_read_at_each_start(known, profiles):
    start(known, "ada", conversationId="a", type="sales")
    profiles.write_text(json.dumps({"ada": {"lead_score": 12}}))
    start(known, "ada", conversationId="b", type="sales")
    assert [insight.ask(known, id)["context"]["lead_score"] for id in "ab"] == [85, 12]
    assert start(known, "ada")["context"]["user_profile"] == {"lead_score": 12}


def test_a_welcome_comes_with_it(known):
    start(known, "ada", conversationId="c", metadata={"sendWelcome": "Hi!"})
    assert known.history("c")["total"] == 1
    assert known.get("c")["context"]["user_profile"] == PROFILES["ada"]


def test_a_user_who_is_not_there(known):
    assert "eve" in refused(known, "eve").message
    refused(known, "Ada")
    refused(known, "", metadata={"sendWelcome": True})
    assert start(known, "ada", conversationId="refused")["id"] == "refused"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '"ada"', "{} {}", '{"ada":{"a":1,"a":2}}', '{"ada":{}', '{"ada":5}', '{"ada":null}', '{"ada":"\xff"}'],
)
def test_a_file_that_is_none(known, profiles, text):
    profiles.write_bytes(text.encode("latin-1"))
    refused(known)
    profiles.write_text(json.dumps(PROFILES))
    assert start(known, "ada")["context"]["user_profile"] == PROFILES["ada"]


def test_a_file_that_cannot_be_read(known, profiles):
    """The host serves all the same, and the file is looked for anew each time."""
    profiles.unlink()
    refused(known)
    profiles.mkdir()
    refused(known)
    profiles.rmdir()
    profiles.write_text(json.dumps(PROFILES))
    assert start(known, "bob")["context"]["user_profile"] == PROFILES["bob"]


def test_without_a_provider(host):
    refused(host)


def test_one_that_is_open_already_needs_none(known, profiles):
    """Nothing is started, so nothing is loaded."""
    start(known, "ada", conversationId="c")
    profiles.unlink()
    assert start(known, "ada", conversationId="c", ifExists="open")["context"]["user_profile"] == PROFILES["ada"]


def test_big_profiles(known, profiles):
    """As many users as a team may have; the one that is asked for is found among them."""
    many = {f"user{number}": {"lead_score": number, "about": "x" * 50} for number in range(20_000)}
    profiles.write_text(json.dumps(many))
    assert start(known, "user19999")["context"]["user_profile"]["lead_score"] == 19_999
    with pytest.raises(WireError) as caught:
        start(known, "user20000")
    assert caught.value.kind == "profileUnavailable"
