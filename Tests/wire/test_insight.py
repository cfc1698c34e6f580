"""What an agent is told of a conversation: each table of docs/insight.md, through `context/preview`."""

import insight
import pytest
from messages import WireError

BASE = {
    "conversation_id", "user_id", "conversation_history", "conversation_metadata", "message_count", "conversation_type",
}  # fmt: skip
ADDED = {
    "general": {"topics_discussed", "conversation_mood"},
    "customer_support": {"recent_issues", "conversation_length", "user_sentiment", "escalation_level"},
    "sales": {"lead_score", "products_discussed", "conversation_stage", "budget_indicators"},
}
ROLES = {"u": "user", "a": "assistant", "s": "system"}


def talk(host, *said, id="c", **start):
    """A conversation of messages without turns, each `u:…`, `a:…` or `s:…`."""
    host.start(conversationId=id, **start)
    for each in said:
        host.send(id, each[2:], role=ROLES[each[0]], execute=False)


def told(host, prompt=None, id="c"):
    """The context that an agent would be given; whatever it is, it must be what the oracle says."""
    insight.check(host, id, prompts=(prompt,))
    return insight.ask(host, id, prompt)["context"]


# What every conversation has


@pytest.mark.parametrize("type", insight.TYPES)
def test_base_members_and_those_of_the_type_come_together(host, type):
    talk(host, "u:I am angry", "a:Why?", "s:be kind", type=type, userId="ada", metadata={"channel": "web", "n": [1.5]})
    context = told(host)
    assert set(context) == BASE | ADDED[type]
    assert context["conversation_history"] == "user: I am angry\nassistant: Why?\nsystem: be kind"
    assert (context["conversation_id"], context["user_id"]) == ("c", "ada")
    assert context["conversation_metadata"] == {"channel": "web", "n": [1.5]}
    assert (context["message_count"], context["conversation_type"]) == (3, type)


@pytest.mark.parametrize("type", insight.TYPES)
def test_of_nothing(host, type):
    talk(host, type=type)
    assert insight.ask(host, "c") == {"context": told(host), "messages": [], "estimatedTokens": 0}
    assert (told(host)["conversation_history"], told(host)["message_count"]) == ("", 0)
    assert told(host, "Hi")["conversation_history"] == "user: Hi"


def test_the_history_is_the_newest_ten_and_the_prompt_is_one_of_them(host):
    talk(host, *[f"{'ua'[number % 2]}:{number}" for number in range(12)])
    lines = [f"{['user', 'assistant'][number % 2]}: {number}" for number in range(12)]
    assert told(host)["conversation_history"] == "\n".join(lines[2:])
    assert told(host, "and\nnow?")["conversation_history"] == "\n".join([*lines[3:], "user: and\nnow?"])
    assert told(host, "")["message_count"] == 13


def test_a_preview_changes_nothing(host):
    talk(host, "u:a")
    before = host.file("c").read_bytes()
    assert insight.ask(host, "c", "what about $5k?") == insight.ask(host, "c", "what about $5k?")
    assert host.file("c").read_bytes() == before and host.history("c")["total"] == 1


def test_the_prompt_and_the_instructions_are_told_where_there_are_any(host):
    talk(host, "u:a", instructions="Be brief.")
    assert insight.ask(host, "c", "b") == {**insight.expected(host, "c", prompt="b"), "instructions": "Be brief."}
    assert insight.ask(host, "c")["instructions"] == "Be brief." and "prompt" not in insight.ask(host, "c")
    host.request("conversation/update", {"conversationId": "c", "instructions": ""})
    assert "instructions" not in insight.ask(host, "c")


def test_a_conversation_that_is_over_can_be_looked_at(host):
    talk(host, "u:a")
    host.request("conversation/end", {"conversationId": "c"})
    assert told(host)["message_count"] == 1


def test_one_that_is_not_there(host):
    with pytest.raises(WireError) as caught:
        insight.ask(host, "c")
    assert caught.value.kind == "conversationNotFound"


# Types


def test_the_type_switches_what_is_told(host):
    talk(host, "u:the premium plan, $5k, I am upset")
    assert set(told(host)) == BASE | ADDED["general"]
    for type in ("sales", "customer_support", "general", "sales"):
        host.request("conversation/update", {"conversationId": "c", "type": type})
        assert set(told(host)) == BASE | ADDED[type] and told(host)["conversation_type"] == type
    assert [one["text"] for one in told(host)["budget_indicators"]] == ["$5k"]


def test_the_type_may_stand_in_the_metadata(host):
    talk(host, "u:a", metadata={"type": "sales"})
    assert set(told(host)) == BASE | ADDED["sales"]
    talk(host, "u:a", id="d", type="customer_support", metadata={"type": "sales"})
    assert told(host, id="d")["conversation_type"] == "customer_support"


def test_an_unknown_type_is_refused_and_the_known_are_listed(host):
    talk(host)
    for method, params in [
        ("conversation/start", {"type": "support"}),
        ("conversation/start", {"metadata": {"type": "support"}}),
        ("conversation/update", {"conversationId": "c", "type": "support"}),
    ]:
        with pytest.raises(WireError) as caught:
            host.request(method, params)
        assert caught.value.kind == "invalidParams" and caught.value.data["path"].endswith("type")
        for type in insight.TYPES:
            assert type in caught.value.message + caught.value.data.get("expected", "")
    assert told(host)["conversation_type"] == "general"


# Support


@pytest.mark.parametrize(
    ("said", "sentiment", "confidence"),
    [
        (["u:hello"], "neutral", 0),
        (["a:awful", "s:terrible"], "neutral", 0),
        (["u:I am ANGRY"], "negative", 1),
        (["u:angry angry angry", "u:well"], "negative", 0.5),
        (["u:angry, upset and frustrated"], "negative", 3),
        (["u:great", "u:awful"], "neutral", 0),
        (["u:greatest", "a:I am upset", "u:perfectly awesome", "u:awful"], "positive", 2 / 3),
        (["u:terrible", *["a:ok"] * 5], "negative", 1),
        (["u:terrible", *["a:ok"] * 6], "neutral", 0),
        (["u:terrible", "u:great", "u:a", "u:b", "u:c", "u:d", "u:e"], "positive", 1 / 6),
    ],
)
def test_sentiment_of_users_among_the_newest_six(host, said, sentiment, confidence):
    talk(host, *said, type="customer_support")
    assert told(host)["user_sentiment"] == {"sentiment": sentiment, "confidence": confidence}


@pytest.mark.parametrize(
    ("said", "level"),
    [
        (["u:hello"], 0),
        (["u:x"] * 20, 0),
        (["u:x"] * 21, 1),
        (["u:x", *["a:x"] * 19, "s:x"], 1),
        (["u:awful"], 2),
        (["u:awful", *["u:x"] * 30], 2),
        (["u:awful", "u:great"], 0),
        (["a:awful"], 0),
        (["u:your Manager!"], 3),
        (["s:fetch a supervisor"], 3),
        (["a:I am the manager", "u:great", *["u:x"] * 30], 3),
    ],
)
def test_escalation_is_the_largest_that_holds(host, said, level):
    talk(host, *said, type="customer_support")
    assert told(host)["escalation_level"] == level


def test_recent_issues_are_of_users_among_the_newest_six(host):
    talk(host, *["u:1", "u:2", "a:3", "s:4", "u:5", "a:6", "u:7"], type="customer_support")
    assert (told(host)["recent_issues"], told(host)["conversation_length"]) == (["2", "5", "7"], 7)
    assert (told(host, "8")["recent_issues"], told(host, "8")["conversation_length"]) == (["5", "7", "8"], 8)


# Sales


def test_products_by_message_and_within_one_by_the_list(host):
    talk(host, "a:Enterprise", "u:premium, or the PRO PLAN, or the basic  plan", "s:enterprise basic plan", type="sales")
    assert told(host)["products_discussed"] == ["enterprise", "pro plan", "premium", "basic plan"]


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        (["u:what does it cost?", "a:x", "a:x", "a:x"], "discovery"),
        (["u:what does it cost?", "a:x", "a:x", "a:x", "a:x"], "negotiation"),
        (["u:a feature and its PRICE", *["u:x"] * 9], "negotiation"),
        (["s:planned", *["u:x"] * 9], "presentation"),
        (["u:x"] * 9, "discovery"),
    ],
)
def test_stage(host, said, stage):
    talk(host, *said, type="sales")
    assert told(host)["conversation_stage"] == stage


def test_the_lead_score_is_the_profiles(host):
    for id, start, score in [
        ("a", {}, 0),
        ("b", {"context": {"user_profile": {"lead_score": 85}}}, 85),
        ("c", {"context": {"user_profile": {"name": "Ada"}}}, 0),
        ("d", {"context": {"user_profile": {"lead_score": 0.5}, "lead_score": 7}}, 0.5),
    ]:
        talk(host, "u:x", id=id, type="sales", **start)
        assert told(host, id=id)["lead_score"] == score
    host.request("conversation/update", {"conversationId": "a", "context": {"user_profile": {"lead_score": 12}}})
    assert told(host, id="a")["lead_score"] == 12


# General


def test_topics_in_the_lists_order(host):
    talk(host, "a:How to pay the Invoice?", "u:my PASSWORD")
    assert told(host)["topics_discussed"] == ["billing", "account", "product"]
    assert told(host, "a bug")["topics_discussed"] == ["technical", "billing", "account", "product"]


@pytest.mark.parametrize(
    ("said", "mood"),
    [
        (["u:x"] * 3, ("neutral", "low", "casual")),
        (["u:x", "a:x", "s:x", "a:x"], ("neutral", "high", "casual")),
        (["u:awful", *["a:x"] * 4], ("negative", "high", "casual")),
        (["u:awful", *["a:x"] * 5], ("neutral", "high", "casual")),
        (["u:great", *["a:x"] * 5, "u:perfect", "u:terrible, great", "u:x", "u:x"], ("positive", "high", "casual")),
        (["u:x"] * 11, ("neutral", "high", "engaged")),
    ],
)
def test_mood(host, said, mood):
    talk(host, *said)
    assert tuple(told(host)["conversation_mood"].values()) == mood


# Letters


@pytest.mark.parametrize(
    "says",
    ["MANAGER", "mismanagers", "ma\u017fter MANAGER", "x\u0000manager\u0000", "\U0001f600manager\U0001f600", "\nManager\t"],
)
def test_a_word_stands_anywhere_in_any_case(host, says):
    talk(host, f"u:{says}", type="customer_support")
    assert told(host)["escalation_level"] == 3


@pytest.mark.parametrize("says", ["mana ger", "mana\u0000ger", "mana\u200bger", "m\u00e4nager", "mana-ger", "manage r"])
def test_and_only_whole(host, says):
    talk(host, f"u:{says}", type="customer_support")
    assert told(host)["escalation_level"] == 0


@pytest.mark.parametrize("says", ["disappo\u0131nted", "\uff41ngry", "\U0001d41angry"])
def test_letters_that_only_look_alike_are_others(host, says):
    talk(host, f"u:{says}", type="customer_support")
    assert told(host)["user_sentiment"]["sentiment"] == "neutral"


def test_letters_that_fold_alike_are_the_same(host):
    """The Kelvin sign is a k, the long s an s, and a ligature the letters that it stands for."""
    talk(host, "u:\u017fuper\u017fet up\u017fet", "u:call bac\u212a", "a:I will call bac\u212a", "u:di\ufb00 a pro\ufb01le")
    assert told(host)["conversation_mood"]["overall_sentiment"] == "negative"
    assert told(host)["topics_discussed"] == ["account"]
