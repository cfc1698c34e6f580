"""What docs/insight.md says of a conversation, worked out the plain way: all of it, anew, each time.

It shares nothing with the host but the list of words. Messages are events as `fold.history` gives them: role, content,
id, seq, metadata. A prompt that is no message yet is one without an id.
"""

import functools
import json
import math
import unicodedata
from pathlib import Path

import fold
import money

ROOT = Path(__file__).resolve().parents[2]
BUILT_IN = json.loads((ROOT / "schemas" / "built-in-words.json").read_text(encoding="utf-8"))
GERMAN_FILE = ROOT / "examples" / "words" / "german.json"
TYPES = ("general", "customer_support", "sales")
WINDOW = {"messages": 50, "tokens": 16_000}

ALWAYS = (
    "user_sentiment", "escalation_level", "products_discussed", "conversation_stage", "topics_discussed",
    "conversation_mood",
)  # fmt: skip
"""What every insight event has."""

WHERE_CHANGED = {"needs_escalation": False, "needs_followup": False, "budget_indicators": []}
"""What it has only where it changed, and what holds before."""


def merged(own):
    """The words that hold with a file of one's own: what it leaves out, also within its objects, is built in.

    Lists are taken whole, and so are those objects whose keys are words themselves: topics, currencies and the like.
    """
    words = {}
    for name, built_in in BUILT_IN.items():
        if name != "topics" and isinstance(built_in, dict):
            words[name] = {**built_in, **own.get(name, {})}
        else:
            words[name] = own.get(name, built_in)
    return words


GERMAN = merged(json.loads(GERMAN_FILE.read_text(encoding="utf-8")))


# Words


@functools.lru_cache(maxsize=100_000)
def folded(text):
    """As it is compared: without case, with accents put together in one way."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


@functools.lru_cache(maxsize=100_000)
def _said(content, words):
    return [word for word in words if folded(word) in folded(content)]


def said(content, words):
    """Those of the words that the text says, in the list's order."""
    return _said(content, tuple(words))


def says_any(messages, words):
    return any(said(message["content"], words) for message in messages)


def of_users(messages):
    return [message for message in messages if message["role"] == "user"]


def replies(messages):
    return [message for message in messages if message["role"] == "assistant"]


# What is found out


def count(messages, words):
    """How often users say these, each once a message."""
    return sum(len(said(message["content"], words)) for message in of_users(messages))


def sentiment(messages, words):
    """{sentiment, confidence} of the users' messages among these."""
    negative = count(messages, words["sentiment"]["negative"])
    positive = count(messages, words["sentiment"]["positive"])
    told = "negative" if negative > positive else "positive" if positive > negative else "neutral"
    users = len(of_users(messages))
    return {"sentiment": told, "confidence": abs(negative - positive) / users if users else 0}


def escalation_level(messages, words):
    if says_any(messages, words["escalation"]["words"]):
        return 3
    if sentiment(messages, words)["sentiment"] == "negative":
        return 2
    return 1 if len(messages) > words["escalation"]["overMessages"] else 0


def products(messages, words):
    """In the order in which they were first told of."""
    return list(dict.fromkeys(word for message in messages for word in said(message["content"], words["products"])))


def stage(messages, words):
    if len(messages) >= words["stage"]["fromMessages"]:
        if says_any(messages, words["stage"]["price"]):
            return "negotiation"
        if says_any(messages, words["stage"]["features"]):
            return "presentation"
    return "discovery"


def topics(messages, words):
    return [topic for topic, its in words["topics"].items() if says_any(messages, its)]


def mood(messages, words):
    newest = messages[-words["mood"]["lastMessages"] :]
    return {
        "overall_sentiment": sentiment(newest, words)["sentiment"],
        "energy_level": "high" if len(newest) > words["mood"]["highOver"] else "low",
        "engagement": "engaged" if len(messages) > words["mood"]["engagedOver"] else "casual",
    }


def indicators_of(message, words):
    """Those of one message of a user: the amounts, then the words."""
    budget = words["budget"]
    found = money.amounts(message["content"], budget)
    found += [{"text": word} for word in said(message["content"], budget["words"])]
    mark = {"message_id": message["id"]} if "id" in message else {}
    return [{**indicator, **mark} for indicator in found]


def budget_indicators(messages, words):
    return [found for message in of_users(messages) for found in indicators_of(message, words)][-50:]


def tools_used(events):
    """Of all that ever was said, superseded or not, and what a fork brought along."""
    told = list(events[0]["conversation"]["context"].get("tools_used", []))
    for event in events:
        if event.get("role") == "assistant":
            told += event.get("metadata", {}).get("tools_used", [])
    return list(dict.fromkeys(told))[:200]


def found(messages, words=BUILT_IN):
    """All that is put into the conversation's context when a turn ends now, as if each of it had changed."""
    return {
        "needs_escalation": says_any(replies(messages), words["replies"]["escalation"]),
        "needs_followup": says_any(replies(messages), words["replies"]["followup"]),
        "budget_indicators": budget_indicators(messages, words),
        "user_sentiment": sentiment(messages[-words["sentiment"]["lastMessages"] :], words),
        "escalation_level": escalation_level(messages, words),
        "products_discussed": products(messages, words),
        "conversation_stage": stage(messages, words),
        "topics_discussed": topics(messages, words),
        "conversation_mood": mood(messages, words),
    }


def checkpoint(messages, words=BUILT_IN):
    """The count behind these, without where it stands and which words they were."""
    kept = {
        "messages": len(messages),
        "userMessages": len(of_users(messages)),
        "negative": count(messages, words["sentiment"]["negative"]),
        "positive": count(messages, words["sentiment"]["positive"]),
    }
    told = {
        "saysEscalation": says_any(messages, words["escalation"]["words"]),
        "saysFeature": says_any(messages, words["stage"]["features"]),
        "saysPrice": says_any(messages, words["stage"]["price"]),
        "needsEscalation": says_any(replies(messages), words["replies"]["escalation"]),
        "needsFollowup": says_any(replies(messages), words["replies"]["followup"]),
    }
    seqs = {message["id"]: message["seq"] for message in messages}
    told["budgetSeqs"] = sorted({seqs[told["message_id"]] for told in budget_indicators(messages, words)})
    return {**kept, **{name: value for name, value in told.items() if value}}


# What an agent is told


def strategy(messages, type, profile, words):
    """What a conversation's type adds."""
    all = found(messages, words)
    if type == "general":
        return {name: all[name] for name in ("topics_discussed", "conversation_mood")}
    if type == "customer_support":
        newest = messages[-words["issues"]["lastMessages"] :]
        return {
            "recent_issues": [message["content"] for message in of_users(newest)],
            "conversation_length": len(messages),
            **{name: all[name] for name in ("user_sentiment", "escalation_level")},
        }
    names = ("products_discussed", "conversation_stage", "budget_indicators")
    return {"lead_score": profile.get("lead_score", 0), **{name: all[name] for name in names}}


def tokens(text):
    return math.ceil(len(text.encode()) / 4) + 4


def window(messages, bounds=WINDOW):
    """The newest that fit, the very newest in any case."""
    taken, left = [], bounds["tokens"]
    for message in reversed(messages):
        left -= tokens(message["content"])
        if taken and (left < 0 or len(taken) == bounds["messages"]):
            break
        taken.insert(0, message)
    return taken


def preview(conversation, messages, words=BUILT_IN, prompt=None, bounds=WINDOW):
    """What `context/preview` answers; the conversation is as `conversation/get` has it."""
    if prompt is not None:
        messages = [*messages, {"role": "user", "content": prompt}]
    given = window(messages, bounds)
    profile = conversation["context"].get("user_profile", {})
    told = {
        "conversation_id": conversation["id"],
        "user_id": conversation["userId"],
        "conversation_history": "\n".join(f"{message['role']}: {message['content']}" for message in messages[-10:]),
        "conversation_metadata": conversation["metadata"],
        "message_count": len(messages),
        "conversation_type": conversation["type"],
        **strategy(messages, conversation["type"], profile, words),
    }
    answer = {
        "context": told,
        "messages": [{"role": message["role"], "content": message["content"]} for message in given],
        "estimatedTokens": sum(tokens(message["content"]) for message in given),
    }
    if prompt is not None:
        answer["prompt"] = prompt
    if "instructions" in conversation:
        answer["instructions"] = conversation["instructions"]
        # They are estimated as one message more, but take nothing of the window.
        answer["estimatedTokens"] += tokens(conversation["instructions"])
    return answer


# Beside a host


def ask(host, id, prompt=None):
    """What the host says of it."""
    return host.request("context/preview", {"conversationId": id, **({} if prompt is None else {"prompt": prompt})})


def expected(host, id, words=BUILT_IN, prompt=None, bounds=WINDOW):
    """What it should say, by its file."""
    return preview(host.get(id), fold.history(fold.read(host.file(id))), words, prompt, bounds)


def check(host, id, words=BUILT_IN, prompts=(None,), bounds=WINDOW):
    """A host tells an agent what the messages in the file make of it."""
    for prompt in prompts:
        told, should = ask(host, id, prompt), expected(host, id, words, prompt, bounds)
        assert told == should, f"of {id} with the prompt {prompt!r}: {differences(told, should)}"


def differences(told, should):
    """What is told otherwise than it should be, for people to read."""
    pairs = [(told, should), (told["context"], should["context"])]
    names = [(name, a.get(name), b.get(name)) for a, b in pairs for name in sorted({*a, *b}) if name != "context"]
    return "; ".join(f"{name} is {str(a)[-600:]}, not {str(b)[-600:]}" for name, a, b in names if a != b)


def call_for(messages, words):
    """Which of them the replies call for."""
    called = {"needs_escalation": words["replies"]["escalation"], "needs_followup": words["replies"]["followup"]}
    return {name for name, its in called.items() if says_any(replies(messages), its)}


def check_events(events, words=BUILT_IN):
    """Each insight event says what the history before it makes of it, and what may be left out only where it is.

    What replies call for counts as changed where a new reply calls for it: somebody may have dealt with it before.
    Those that came along into a fork are not new.
    """
    told = {**WHERE_CHANGED, **events[0]["conversation"]["context"]}
    before = events[0].get("forkedFrom", {}).get("inherited", 0)
    for event in events:
        if event["type"] != "insight":
            continue
        history = fold.history(events[: event["seq"]])
        should = found(history, words)
        context = dict(event["context"])
        anew = call_for([message for message in history if message["seq"] > before], words)
        for name in WHERE_CHANGED:
            assert (name in context) == (told[name] != should[name] or name in anew), f"{name} at seq {event['seq']}"
            told[name] = should[name]
            if name in context:
                assert context.pop(name) == should[name]
        assert context == {name: should[name] for name in ALWAYS}
        kept = dict(event["checkpoint"])
        assert kept.pop("wordsHash")
        assert kept == {"throughSeq": event["seq"] - 1, **checkpoint(history, words)}
        before = event["seq"]
