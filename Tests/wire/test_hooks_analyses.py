"""Sentiment and topics by plugins: asked behind each turn, kept as one more event, and told to agents until the next."""

import json

import contract
import pytest
from plugin_kit import do, is_unharmed, serve, stage, until  # noqa: F401
from processes import wait_until_gone
from test_hooks import FAILURES, TIMEOUT, failing

ANSWERS = {
    "sentiment": ("sentiment/analyze", {"sentiment": "negative", "confidence": 0.75}),
    "topics": ("topics/extract", {"topics": ["parcels", "Übergrößen"]}),
}
MEMBERS = {"sentiment": "user_sentiment", "topics": "topics_discussed"}
FOUND = {"sentiment": {"sentiment": "negative", "confidence": 0.75}, "topics": ["parcels", "Übergrößen"]}

each_analysis = pytest.mark.parametrize("which", ANSWERS)


def method_of(which):
    return ANSWERS[which][0]


def usual_answer(which):
    return f"answer {json.dumps(ANSWERS[which][1])}"


def with_analysis(stage, which, *steps):
    """A config with this one, which takes these steps and then answers."""
    hook = stage.hook(on={method_of(which): [*steps, usual_answer(which)]}, timeout=TIMEOUT)
    return {"insight": {which: hook}}


def known(host, which, id="c"):
    return host.get(id)["context"].get(MEMBERS[which])


def told(stage, which):
    """What the agent was told the last time."""
    return stage.requests("agent/execute")[-1]["params"]["context"][MEMBERS[which]]


def wait_until_known(host, which, what, id="c"):
    until(lambda: known(host, which, id) == what, f"{MEMBERS[which]} to become {what}, which is {known(host, which, id)}")


def insights(host, id="c"):
    return [event for event in contract.check_file(host.file(id)) if event["type"] == "insight"]


@each_analysis
def test_the_answer_does_not_wait_for_it(stage, serve, which):
    """The turn's own event has what the words say; a later one has what the plugin says."""
    host = serve({"kind": "echo"}, config=with_analysis(stage, which, "gate look"))
    host.start(conversationId="beside")
    sent = host.send("c", "I love the fast shipping")
    stage.at("look")
    by_words = known(host, which)
    assert by_words == insights(host)[-1]["context"][MEMBERS[which]] != FOUND[which]
    assert sent["seq"] == insights(host)[-1]["seq"]
    stage.open("look")
    wait_until_known(host, which, FOUND[which])
    first, later = insights(host)
    assert (first["context"][MEMBERS[which]], later["context"][MEMBERS[which]]) == (by_words, FOUND[which])
    assert later["seq"] == sent["seq"] + 1 == host.get("c")["seq"]


@each_analysis
def test_what_it_is_asked(stage, serve, which):
    host = serve({"kind": "echo"}, config=with_analysis(stage, which))
    for number in range(30):
        host.send("c", f"{number}", execute=False)
    host.send("c", "where is my order?")
    params = stage.request(method_of(which))["params"]
    conversation = host.get("c")
    assert (params["conversationId"], params["userId"]) == ("c", conversation["userId"])
    history = host.history("c")["messages"]
    newest = history[-6:] if which == "sentiment" else history[-50:]
    assert params["messages"] == [{"role": message["role"], "content": message["content"]} for message in newest]
    if which == "topics":
        assert params["topics"] == insights(host)[0]["context"]["topics_discussed"]


def test_topics_are_looked_for_in_fifty_messages(stage, serve):
    host = serve({"kind": "echo"}, config=with_analysis(stage, "topics"))
    for number in range(70):
        host.send("c", f"{number}", execute=False)
    host.send("c", "now")
    contents = [message["content"] for message in stage.request("topics/extract")["params"]["messages"]]
    assert contents == [*map(str, range(22, 70)), "now", "You said: now"]


def test_as_many_messages_as_the_words_say(stage, serve, tmp_path):
    (tmp_path / "config1").mkdir()
    (tmp_path / "config1" / "words.json").write_text('{"sentiment":{"lastMessages":3}}')
    config = with_analysis(stage, "sentiment")
    config["insight"]["words"] = "words.json"
    host = serve({"kind": "echo"}, config=config)
    host.send("c", "before", execute=False)
    host.send("c", "and before", execute=False)
    host.send("c", "now")
    contents = [message["content"] for message in stage.request("sentiment/analyze")["params"]["messages"]]
    assert contents == ["and before", "now", "You said: now"]


@each_analysis
def test_agents_are_told_it_until_the_next_turn_ends(stage, serve, which):
    host = serve(stage.plugin(), config=with_analysis(stage, which, "gate look"), start=())
    host.start(conversationId="c", type="customer_support" if which == "sentiment" else "general")
    host.send("c", "I love it")
    by_words = known(host, which)
    stage.open("look")
    wait_until_known(host, which, FOUND[which])
    shown = host.request("context/preview", {"conversationId": "c", "prompt": "great"})["context"]
    assert shown[MEMBERS[which]] == FOUND[which]
    host.send("c", "great")
    assert told(stage, which) == FOUND[which]
    # That turn's end has what the words say, until the plugin has looked at it too.
    stage.at("look")
    assert known(host, which) == insights(host)[-1]["context"][MEMBERS[which]] != FOUND[which]
    host.send("c", "great")
    assert told(stage, which) != FOUND[which]
    assert type(by_words) is type(FOUND[which])


@each_analysis
def test_another_host_goes_on_with_it(stage, serve, which):
    host = serve({"kind": "echo"}, config=with_analysis(stage, which))
    host.send("c", "I love it")
    wait_until_known(host, which, FOUND[which])
    host.stop()
    later = serve(stage.plugin(), config=with_analysis(stage, which), start=())
    assert known(later, which) == FOUND[which]
    type = "customer_support" if which == "sentiment" else "general"
    later.request("conversation/update", {"conversationId": "c", "type": type})
    assert later.request("context/preview", {"conversationId": "c"})["context"][MEMBERS[which]] == FOUND[which]


def test_what_is_counted_from_words_stays_so(stage, serve):
    """Escalation and mood: whatever the plugin calls the sentiment."""
    host = serve({"kind": "echo"}, config=with_analysis(stage, "sentiment"))
    host.send("c", "I love it, it is great")
    wait_until_known(host, "sentiment", FOUND["sentiment"])
    context = host.get("c")["context"]
    assert context["conversation_mood"]["overall_sentiment"] == "positive"
    assert context["escalation_level"] == 0
    host.request("conversation/update", {"conversationId": "c", "type": "customer_support"})
    shown = host.request("context/preview", {"conversationId": "c"})["context"]
    assert (shown["escalation_level"], shown["user_sentiment"]) == (0, FOUND["sentiment"])


def test_both_at_once(stage, serve):
    config = {"insight": {which: with_analysis(stage, which)["insight"][which] for which in ANSWERS}}
    host = serve({"kind": "echo"}, config=config)
    host.send("c", "I love it")
    for which in ANSWERS:
        wait_until_known(host, which, FOUND[which])


@each_analysis
@pytest.mark.parametrize(("members", "reason"), FAILURES.values(), ids=FAILURES)
def test_without_an_answer_what_the_words_say_stays(stage, serve, which, members, reason):
    host = serve({"kind": "echo"}, config={"insight": {which: failing(stage, method_of(which), members)}})
    host.start(conversationId="beside")
    host.send("c", "I love the fast shipping")
    by_words = insights(host)[0]["context"][MEMBERS[which]]
    assert reason in host.wait_in_log(which, reason)
    is_unharmed(host)
    assert known(host, which) == by_words
    assert len(insights(host)) == 1


MISSHAPEN = [
    ("sentiment", {"sentiment": "angry", "confidence": 1}),
    ("sentiment", {"sentiment": "negative"}),
    ("sentiment", {"sentiment": "negative", "confidence": -0.5}),
    ("sentiment", {"sentiment": "negative", "confidence": "1"}),
    ("sentiment", ["negative", 1]),
    ("topics", {"topics": "parcels"}),
    ("topics", {"topics": ["a", 1]}),
    ("topics", {"topics": ["x"] * 51}),
    ("topics", {"topics": ["é" * 51]}),
    ("topics", ["parcels"]),
]


@pytest.mark.parametrize(("which", "answer"), MISSHAPEN)
def test_an_answer_of_another_shape(stage, serve, which, answer):
    hook = stage.hook(on={method_of(which): [f"answer {json.dumps(answer)}"]}, timeout=TIMEOUT)
    host = serve({"kind": "echo"}, config={"insight": {which: hook}})
    host.send("c", "I love the fast shipping")
    host.wait_in_log(which)
    assert len(insights(host)) == 1
    host.send("c", "And it is great")
    assert stage.starts() == 1


@pytest.mark.parametrize(
    ("which", "answer", "found"),
    [
        ("sentiment", {"sentiment": "positive", "confidence": 0}, {"sentiment": "positive", "confidence": 0}),
        ("sentiment", {"sentiment": "negative", "confidence": 17.5, "why": "x"}, {"sentiment": "negative", "confidence": 17.5}),
        ("topics", {"topics": []}, []),
        ("topics", {"topics": [f"{n}" for n in range(49)] + ["é" * 50]}, [f"{n}" for n in range(49)] + ["é" * 50]),
    ],
)  # fmt: skip
def test_answers_at_the_bounds(stage, serve, which, answer, found):
    hook = stage.hook(on={method_of(which): [f"answer {json.dumps(answer)}"]}, timeout=TIMEOUT)
    host = serve({"kind": "echo"}, config={"insight": {which: hook}})
    host.send("c", "terrible shipping and bad billing")
    wait_until_known(host, which, found)


# Turns that come meanwhile


def test_an_answer_about_an_earlier_turn(stage, serve):
    """The later turn's own is what holds in the end."""
    config = with_analysis(stage, "topics", "gate look")
    host = serve({"kind": "echo"}, config=config)
    host.send("c", "one")
    stage.at("look")
    host.send("c", "two")
    stage.open("look", 'answer {"topics":["one"]}')
    stage.open("look", 'answer {"topics":["two"]}')
    wait_until_known(host, "topics", ["two"])
    assert host.history("c")["total"] == 4


def test_turns_that_fail_are_looked_at_too(stage, serve):
    config = with_analysis(stage, "topics")
    host = serve(stage.plugin(), config=config)
    assert "error" in host.answer(host.begin_send("c", do('error {"code":-1,"message":"No."}')))
    wait_until_known(host, "topics", FOUND["topics"])


@each_analysis
def test_a_conversation_that_is_gone_meanwhile(stage, serve, which):
    host = serve({"kind": "echo"}, config=with_analysis(stage, which, "gate look"))
    host.send("c", "I love it")
    stage.at("look")
    host.request("conversation/delete", {"conversationId": "c"})
    stage.open("look")
    is_unharmed(host)
    assert not host.file("c").exists()
    host.request("conversation/restore", {"conversationId": "c"})
    assert host.send("c", "b")["reply"]["content"] == "You said: b"


# The end


@each_analysis
def test_the_end_of_the_input_waits_for_it(stage, serve, which):
    """The turn ends behind the input's end, and what is found out about it is kept all the same."""
    host = serve(stage.plugin(), config=with_analysis(stage, which, "gate look"))
    id = host.begin_send("c", do("gate on", "reply I love it"))
    stage.at("on")
    host.close_input()
    stage.open("on")
    host.answer(id)
    stage.open("look")
    assert host.wait() == 0
    assert [event["context"][MEMBERS[which]] for event in insights(host)][-1] == FOUND[which]
    wait_until_gone(stage)


@each_analysis
def test_a_signal_does_not(stage, serve, which):
    host = serve({"kind": "echo"}, config=with_analysis(stage, which, "gate look"))
    host.send("c", "I love it")
    stage.at("look")
    host.stop()
    assert len(insights(host)) == 1
    wait_until_gone(stage)
