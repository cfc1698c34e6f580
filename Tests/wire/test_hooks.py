"""Plugins that are asked for more than replies: the profile of a user, and the context of a type of one's own.

Sentiment and topics, which are asked behind a turn, are in test_hooks_analyses.py.
"""

import json

import pytest
from host import PATIENCE
from messages import WireError
from plugin_kit import NEVER, WHEN_CANCELLED, is_unharmed, serve, stage  # noqa: F401

TIMEOUT = 10 * PATIENCE
"""Where a hook is to answer: so long that nothing that is waited for here comes of it."""

FAILURES = {
    "an error": ({"on": ['error {"code":-1,"message":"No luck."}']}, "No luck."),
    "another shape": ({"on": ['answer {"wrong":1}']}, ""),
    "no object": ({"on": ["answer null"]}, ""),
    "too late": ({"on": [NEVER], "timeout": 0.2}, ""),
    "a crash": ({"on": ["stderr the reason", "exit 3"]}, "3"),
    "a crash at its start": ({"first": ["exit 3"]}, "3"),
    "not what it does": ({"initialize": {"name": "x", "version": "1", "capabilities": []}}, ""),
    "no such command": ({"command": ["./nothing"]}, "nothing"),
}


def failing(stage, method, members):
    """A hook that fails in one of these ways."""
    members = {"timeout": TIMEOUT, **members}
    if "on" in members:
        members["on"] = {method: members["on"]}
    command = members.pop("command", None)
    hook = stage.hook(**members)
    return {**hook, "command": command} if command else hook


every_failure = pytest.mark.parametrize(("members", "reason"), FAILURES.values(), ids=FAILURES)


# profile/load

PROFILE = {"name": "Ada", "lead_score": 85, "more": {"deep": [1, 2.5, None, "ü\u0000"]}}


def with_profiles(stage, *steps, **members):
    on = {"profile/load": steps or [f"answer {json.dumps({'profile': PROFILE})}"]}
    return {"profiles": stage.hook(on=on, timeout=TIMEOUT, **members)}


def start(host, **params):
    return host.start(metadata={"loadUserProfile": True}, **params)


def test_a_profile(stage, serve):
    host = serve({"kind": "echo"}, config=with_profiles(stage), start=())
    begun = start(host, conversationId="c", userId="ada", type="sales")
    assert begun["context"]["user_profile"] == PROFILE
    assert stage.requests("profile/load")[0]["params"] == {"userId": "ada", "conversationId": "c"}
    assert host.request("context/preview", {"conversationId": "c"})["context"]["lead_score"] == 85
    assert start(host, userId="bob")["context"]["user_profile"] == PROFILE
    assert stage.requests("profile/load")[1]["params"]["userId"] == "bob"
    assert stage.starts() == 1


def test_the_id_that_it_hears_is_that_of_the_conversation(stage, serve):
    host = serve({"kind": "echo"}, config=with_profiles(stage), start=())
    begun = start(host)
    assert stage.requests("profile/load")[0]["params"]["conversationId"] == begun["id"]


def test_a_profile_is_loaded_by_those_who_ask_for_it(stage, serve):
    host = serve({"kind": "echo"}, config=with_profiles(stage), start=())
    host.start(conversationId="c", userId="ada")
    host.start(conversationId="d", userId="ada", metadata={"loadUserProfile": False})
    host.start(conversationId="c", ifExists="open", metadata={"loadUserProfile": True})
    assert stage.starts() == 0


@every_failure
def test_a_profile_that_does_not_come(stage, serve, members, reason):
    """The start fails, and nothing of it is left."""
    config = {"profiles": failing(stage, "profile/load", members)}
    host = serve({"kind": "echo"}, config=config, start=())
    with pytest.raises(WireError) as caught:
        start(host, conversationId="c", userId="ada")
    assert (caught.value.code, caught.value.kind) == (1040, "profileUnavailable")
    assert reason in caught.value.message
    assert not host.file("c").exists()
    host.start(conversationId="c")
    is_unharmed(host)


def test_others_do_not_wait_for_a_profile(stage, serve):
    """What is about that conversation does."""
    config = with_profiles(stage, "gate load", f"answer {json.dumps({'profile': {}})}")
    host = serve({"kind": "echo"}, config=config, start="d")
    begun = host.begin("conversation/start", {"conversationId": "c", "metadata": {"loadUserProfile": True}})
    behind = host.begin_send("c", "a")
    stage.at("load")
    assert host.send("d", "b")["reply"]["content"] == "You said: b"
    assert not host.has_answered(behind)
    stage.open("load")
    assert host.expect(begun)["conversation"]["context"]["user_profile"] == {}
    assert host.expect(behind)["reply"]["content"] == "You said: a"


def test_a_start_that_is_cancelled_while_the_profile_is_loaded(stage, serve):
    """It is cancelled, or it is too late for that; what is answered is what is there."""
    config = with_profiles(stage, "gate load", f"answer {json.dumps({'profile': PROFILE})}")
    host = serve({"kind": "echo"}, config=config, start=())
    begun = host.begin("conversation/start", {"conversationId": "c", "metadata": {"loadUserProfile": True}})
    stage.at("load")
    host.notify("$/cancelRequest", {"id": begun})
    host.request("ping")
    stage.open("load")
    answer = host.answer(begun)
    assert host.file("c").exists() == ("result" in answer)
    assert "result" in answer or answer["error"]["data"]["kind"] == "cancelled"


# context/build

OWN = {"steps_done": 3, "plan": {"next": ["a", "ü"]}, "message_count": 99}
BUILT = {**OWN, "conversation_type": "sales"}


def with_type(stage, *steps, **members):
    on = {"context/build": steps or [f"answer {json.dumps({'context': BUILT})}"]}
    return {"insight": {"types": {"onboarding": stage.hook(on=on, timeout=TIMEOUT, **members)}}}


@pytest.fixture
def onboarding(stage, serve):
    host = serve(stage.plugin(), config=with_type(stage), start=())
    host.start(conversationId="c", type="onboarding", title="Hi", tags=["t"])
    return host


def asked_agent(stage):
    return stage.requests("agent/execute")[-1]["params"]


def test_a_type_of_ones_own(stage, onboarding):
    """Its answer is put over what general has, for agents and in the preview; the type stays what it is."""
    onboarding.start(conversationId="plain")
    sent = onboarding.send("c", "hello")
    context = asked_agent(stage)["context"]
    onboarding.send("plain", "hello")
    general = asked_agent(stage)["context"]
    assert context == {**general, **OWN, "conversation_id": "c", "conversation_type": "onboarding"}
    assert asked_agent(stage)["conversation"]["type"] == "general"
    assert sent["reply"]["content"] == "Heard: hello"


def test_what_it_is_asked(stage, onboarding):
    onboarding.send("c", "hello")
    shown = onboarding.request("context/preview", {"conversationId": "c", "prompt": "again"})
    onboarding.request("context/preview", {"conversationId": "c"})
    in_turn, previewed, bare = [request["params"] for request in stage.requests("context/build")]
    for params in (in_turn, previewed, bare):
        assert (params["type"], params["conversationId"]) == ("onboarding", "c")
        assert params["userId"] == params["conversation"]["userId"] == params["context"]["user_id"]
        assert (params["conversation"]["title"], params["conversation"]["tags"]) == ("Hi", ["t"])
        assert "topics_discussed" in params["context"] and "steps_done" not in params["context"]
    assert in_turn["prompt"] == "hello" and in_turn["messages"][-1] == {"role": "user", "content": "hello"}
    assert previewed["prompt"] == "again" and previewed["messages"][-1] == {"role": "user", "content": "again"}
    assert [message["content"] for message in bare["messages"]] == ["hello", "Heard: hello"]
    assert "prompt" not in bare
    assert shown["context"]["plan"] == OWN["plan"] and shown["context"]["message_count"] == 99
    onboarding.request("turn/retry", {"conversationId": "c"})
    assert stage.requests("context/build")[-1]["params"]["messages"] == [{"role": "user", "content": "hello"}]


def test_it_is_built_whoever_answers(stage, serve):
    host = serve({"kind": "echo"}, config=with_type(stage), start=())
    host.start(conversationId="c", type="onboarding")
    host.send("c", "a")
    assert len(stage.requests("context/build")) == 1


def test_it_is_built_for_its_type_only(stage, serve):
    host = serve(stage.plugin(), config=with_type(stage))
    host.send("c", "a")
    host.request("context/preview", {"conversationId": "c"})
    assert stage.requests("context/build") == []
    host.request("conversation/update", {"conversationId": "c", "type": "onboarding"})
    host.send("c", "a")
    host.request("conversation/update", {"conversationId": "c", "type": "sales"})
    host.send("c", "a")
    assert len(stage.requests("context/build")) == 1


def test_a_type_is_known_everywhere(stage, serve, onboarding):
    assert "onboarding" in onboarding.request("initialize")["capabilities"]["types"]
    assert onboarding.get("c")["type"] == onboarding.get("c")["context"]["conversation_type"] == "onboarding"
    onboarding.start(conversationId="d")
    onboarding.request("conversation/update", {"conversationId": "d", "type": "onboarding"})
    listed = onboarding.request("conversation/list", {"type": "onboarding"})["conversations"]
    assert {one["id"] for one in listed} == {"c", "d"}
    for method, params in (
        ("conversation/start", {}),
        ("conversation/update", {"conversationId": "c"}),
        ("conversation/list", {}),
    ):
        with pytest.raises(WireError) as caught:
            onboarding.request(method, {**params, "type": "onbording"})
        assert (caught.value.kind, caught.value.data["path"]) == ("invalidParams", "type")
        for known in ("onboarding", "general", "sales", "customer_support"):
            assert known in caught.value.message


def test_a_type_that_the_config_no_longer_has(stage, serve, onboarding):
    """The conversation goes on as a general one, and keeps its type."""
    onboarding.send("c", "hello")
    onboarding.stop()
    host = serve(stage.plugin(), start=())
    assert host.get("c")["type"] == "onboarding"
    host.send("c", "hello")
    context = asked_agent(stage)["context"]
    assert "topics_discussed" in context and "plan" not in context


@every_failure
def test_a_context_that_does_not_come(stage, serve, members, reason):
    """Agents are told what general has, and the turn goes on."""
    config = {"insight": {"types": {"onboarding": failing(stage, "context/build", members)}}}
    host = serve(stage.plugin(), config=config, start=())
    host.start(conversationId="c", type="onboarding")
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"
    context = asked_agent(stage)["context"]
    assert (context["conversation_type"], context["message_count"]) == ("onboarding", 1)
    assert {"topics_discussed", "conversation_mood"} <= set(context)
    assert reason in host.wait_in_log("context/build", reason)
    shown = host.request("context/preview", {"conversationId": "c"})["context"]
    assert set(shown) == set(context)


@pytest.mark.parametrize("answer", ['{"context":5}', '{"context":[]}', '{"context":null}', "[]", '{"context":"x"}'])
def test_a_context_of_another_shape(stage, serve, answer):
    host = serve(stage.plugin(), config=with_type(stage, f"answer {answer}"), start=())
    host.start(conversationId="c", type="onboarding")
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"
    assert "conversation_mood" in asked_agent(stage)["context"]
    host.wait_in_log("context/build")


def test_a_turn_waits_for_its_context(stage, serve):
    """Others don't; and it can be cancelled then."""
    config = with_type(stage, "gate build", 'answer {"context":{}}')
    host = serve(stage.plugin(), config=config, start="d")
    host.start(conversationId="c", type="onboarding")
    id = host.begin_send("c", "a", stream=True)
    stage.at("build")
    assert host.send("d", "b")["reply"]["content"] == "Heard: b"
    assert [turn["state"] for turn in host.get("c")["turns"]] == ["running"]
    assert len(stage.requests("agent/execute")) == 1
    stage.open("build")
    assert host.expect(id)["reply"]["content"] == "Heard: a"
    second = host.begin_send("c", "a")
    stage.at("build")
    host.notify("$/cancelRequest", {"id": second})
    assert host.answer(second)["error"]["data"]["kind"] == "cancelled"
    stage.request("$/cancelRequest")
    assert len(stage.requests("agent/execute")) == 2


def test_a_preview_that_is_cancelled(stage, serve):
    host = serve(stage.plugin(), config=with_type(stage, *WHEN_CANCELLED), start=())
    host.start(conversationId="c", type="onboarding")
    id = host.begin("context/preview", {"conversationId": "c"})
    asked = stage.request("context/build")
    host.notify("$/cancelRequest", {"id": id})
    assert host.answer(id)["error"]["data"]["kind"] == "cancelled"
    assert stage.request("$/cancelRequest")["params"] == {"id": asked["id"]}


# Processes


def hooks(stage, **members):
    """All four, as one command."""
    on = {
        "profile/load": ['answer {"profile":{}}'],
        "context/build": ['answer {"context":{}}'],
        "sentiment/analyze": ['answer {"sentiment":"neutral","confidence":0}'],
        "topics/extract": ['answer {"topics":[]}'],
    }
    return {name: stage.hook(on=on, timeout=TIMEOUT, **members) for name in ("profiles", "sentiment", "topics", "type")}


def use_all(stage, serve, each):
    types = {"onboarding": each["type"]}
    insight = {"sentiment": each["sentiment"], "topics": each["topics"], "types": types}
    config = {"profiles": each["profiles"], "insight": insight}
    host = serve({"kind": "echo", "shows": "request"}, config=config, start=())
    start(host, conversationId="c", type="onboarding")
    host.send("c", "a")
    for method in ("profile/load", "context/build", "sentiment/analyze", "topics/extract"):
        stage.request(method)


@pytest.mark.parametrize("settings", [None, {"a": [1, {"b": "ü"}]}])
def test_the_same_command_is_one_process(stage, serve, settings):
    use_all(stage, serve, hooks(stage, **({} if settings is None else {"settings": settings})))
    assert stage.starts() == 1
    assert stage.requests("initialize")[0]["params"]["settings"] == (settings or {})


def test_with_other_settings_it_is_another(stage, serve):
    each = hooks(stage)
    each["topics"]["settings"] = {"language": "de"}
    each["type"]["settings"] = {"language": "en"}
    use_all(stage, serve, each)
    assert stage.starts() == 3


def test_a_hook_is_handed_what_is_named(stage, serve, monkeypatch):
    monkeypatch.setattr("host.environment", lambda home: {"HOME": str(home), "API_KEY": "key", "SECRET": "s"})
    host = serve({"kind": "echo"}, config=with_profiles(stage, environment=["API_KEY"]), start=())
    start(host)
    assert stage.began()["environ"] == {"HOME": str(host.store.parent), "API_KEY": "key"}
