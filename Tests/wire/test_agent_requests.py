"""What an agent is given is what `context/preview` shows, and an agent's `window` bounds the messages in it."""

import json

import insight
import pytest
from host import Host

SAID = ["I am angry about the premium plan", "we have $5k a month", "transfer me to a manager", "great, thanks", "x" * 401]


def given(reply):
    """A reply of an agent that shows what it was given."""
    return comparable(json.loads(reply["content"]))


def comparable(request, id=None):
    """Without what only a preview tells, and without the id that the prompt has once it is a message."""
    request.pop("estimatedTokens", None)
    for told in request["context"].get("budget_indicators", []):
        if id is None or told.get("message_id") == id:
            told.pop("message_id", None)
    return request


@pytest.fixture
def mirror(store, configured):
    """A host whose agent `mirror` shows what it was given; `small` does with a small window."""
    agents = {
        "mirror": {"kind": "echo", "shows": "request"},
        "small": {"kind": "echo", "shows": "request", "window": {"messages": 3, "tokens": 60}},
    }
    with Host(store, config=configured(more_agents=agents)) as host:
        yield host


@pytest.mark.parametrize("type", insight.TYPES)
def test_an_agent_is_given_what_the_preview_shows(mirror, type):
    mirror.start(conversationId="c", type=type, agentId="mirror", instructions="Be kind.", metadata={"n": 1})
    for said in SAID:
        shown = comparable(insight.ask(mirror, "c", said))
        sent = mirror.send("c", said)
        assert given(sent["reply"]) == shown
        assert (shown["prompt"], shown["instructions"]) == (said, "Be kind.")


def test_only_the_prompts_indicators_have_no_message_in_a_preview(mirror):
    mirror.start(conversationId="c", type="sales", agentId="mirror")
    first = mirror.send("c", "we have $5k")["message"]["id"]
    shown = insight.ask(mirror, "c", "or €7")["context"]["budget_indicators"]
    assert [one.get("message_id") for one in shown] == [first, None]
    sent = mirror.send("c", "or €7")
    told = json.loads(sent["reply"]["content"])["context"]["budget_indicators"]
    assert [one.get("message_id") for one in told] == [first, sent["message"]["id"]]


def test_without_instructions_none_are_given(mirror):
    mirror.start(conversationId="c", agentId="mirror")
    assert set(given(mirror.send("c", "a")["reply"])) == {"prompt", "context", "messages"}


def test_an_edit_is_answered_on_what_is_left(mirror):
    mirror.start(conversationId="c", type="customer_support", agentId="mirror")
    mirror.send("c", "hello")
    angry = mirror.send("c", "I am angry, where is the manager?")["message"]["id"]
    told = given(mirror.send("c", "where is my parcel?", replaces=angry)["reply"])
    assert told["context"]["recent_issues"] == ["hello", "where is my parcel?"]
    assert (told["context"]["message_count"], told["context"]["conversation_length"]) == (3, 3)
    # The reply that showed the first request had nothing of a manager in it.
    assert told["context"]["escalation_level"] == 0


def test_a_retry_is_asked_as_the_first_time(mirror):
    mirror.start(conversationId="c", type="sales", agentId="mirror")
    for said in SAID[:3]:
        first = mirror.send("c", said)["reply"]
    again = mirror.request("turn/retry", {"conversationId": "c"})["reply"]
    assert json.loads(again["content"]) == json.loads(first["content"])


def test_another_agent_is_given_its_own_window(mirror):
    """The preview is for the conversation's agent."""
    mirror.start(conversationId="c", agentId="mirror")
    for number in range(10):
        mirror.send("c", f"{number}", execute=False)
    assert len(insight.ask(mirror, "c")["messages"]) == 10
    mirror.request("conversation/update", {"conversationId": "c", "agentId": "small"})
    assert len(insight.ask(mirror, "c")["messages"]) == 3
    insight.check(mirror, "c", prompts=(None, "a"), bounds={"messages": 3, "tokens": 60})
    told = given(mirror.send("c", "now")["reply"])
    assert [message["content"] for message in told["messages"]] == ["8", "9", "now"]
    assert told["context"]["message_count"] == 11


@pytest.mark.parametrize(
    ("lengths", "taken"),
    [
        ([4, 4, 4, 4], 3),
        ([4, 100, 100], 2),
        ([1, 104, 101], 2),
        ([1, 105, 101], 1),
        ([1, 1, 400], 1),
        ([240, 1, 1], 2),
        ([4, 201, 4], 2),
        ([4, 189, 4], 2),
        ([4, 180, 4], 3),
        ([4, 184, 4], 3),
    ],
)
def test_the_newest_messages_that_fit(mirror, lengths, taken):
    """60 tokens and 3 messages: a quarter of the bytes rounded up, and 4 for each; the newest in any case."""
    bounds = {"messages": 3, "tokens": 60}
    mirror.start(conversationId="c", agentId="small")
    for length in lengths:
        mirror.send("c", "x" * length, execute=False)
    shown = insight.ask(mirror, "c")
    assert [len(message["content"]) for message in shown["messages"]] == lengths[-taken:]
    assert shown["estimatedTokens"] == sum(-(-length // 4) + 4 for length in lengths[-taken:])
    insight.check(mirror, "c", prompts=(None, "x", "ü" * 23, "ü" * 200), bounds=bounds)


def test_instructions_take_nothing_of_the_window(mirror):
    mirror.start(conversationId="c", agentId="small", instructions="x" * 1000)
    for number in range(3):
        mirror.send("c", f"{number}", execute=False)
    assert len(insight.ask(mirror, "c")["messages"]) == 3
    insight.check(mirror, "c", prompts=(None, "a"), bounds={"messages": 3, "tokens": 60})


def test_without_a_window_fifty_messages_and_sixteen_thousand_tokens(host):
    host.start(conversationId="c")
    for number in range(60):
        host.send("c", f"{number}", execute=False)
    assert [message["content"] for message in insight.ask(host, "c")["messages"]] == [str(n) for n in range(10, 60)]
    host.send("c", "x" * 60_000, execute=False)
    assert len(insight.ask(host, "c")["messages"]) == 50
    host.send("c", "ü" * 1_900, execute=False)
    shown = insight.ask(host, "c")
    assert len(shown["messages"]) == 10 and shown["estimatedTokens"] <= 16_000
    insight.check(host, "c", prompts=(None, "a", "x" * 70_000))


SCRIPT = [
    {"pattern": "mood*", "reply": "{context.conversation_mood.overall_sentiment}, {prompt}"},
    {"pattern": "how*", "reply": "It is {context.user_sentiment.sentiment} at {context.escalation_level}."},
    {"pattern": "all*", "reply": "{context}"},
    {"pattern": "*", "reply": "Heard."},
]


def test_scripted_replies_tell_of_the_context(store, configured):
    with Host(store, config=configured(SCRIPT)) as host:
        host.start(conversationId="c", type="customer_support")
        host.send("c", "This is awful, get me the manager")
        assert host.send("c", "how is it?")["reply"]["content"] == "It is negative at 3."
        shown = insight.ask(host, "c", "all of it")["context"]
        assert json.loads(host.send("c", "all of it")["reply"]["content"]) == shown
        host.request("conversation/update", {"conversationId": "c", "type": "general"})
        assert host.send("c", "mood? perfect and great")["reply"]["content"] == "positive, mood? perfect and great"
        insight.check_events([*host.request("conversation/events", {"conversationId": "c"})["events"]])


def test_outside_of_a_conversation_there_is_only_what_the_caller_says(store, configured):
    with Host(store, config=configured(more_agents={"mirror": {"kind": "echo", "shows": "request"}})) as host:
        params = {"agentId": "mirror", "prompt": "a", "context": {"b": 1}, "messages": [{"role": "user", "content": "c"}]}
        told = json.loads(host.request("agent/execute", params)["response"])
        assert (told["prompt"], told["context"]) == ("a", {"b": 1})
        assert told["messages"] == params["messages"]
