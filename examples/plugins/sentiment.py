#!/usr/bin/env python3
"""Tells Parley how users speak, by words and faces. To make it yours, put your model into `analyze`."""

import json
import re
import sys

WORDS = {
    **dict.fromkeys(["good", "great", "love", "nice", "perfect", "thanks", "thank", "wonderful", "works"], 1),
    **dict.fromkeys(["angry", "awful", "bad", "broken", "hate", "late", "slow", "terrible", "worst", "wrong"], -1),
}
FACES = {
    **dict.fromkeys([":)", ":-)", "🙂", "😀", "❤"], 1),
    **dict.fromkeys([":(", ":-(", "🙁", "😢", "😡"], -1),
}
TURNS_ROUND = {"not", "never", "isn't", "wasn't", "don't", "doesn't", "didn't"}


def feeling(text):
    """More than 0 for a glad message: each word and face counts, turned round where a `not` is shortly before it."""
    score = sum(value for face, value in FACES.items() if face in text)
    words = re.findall(r"[\w']+", text.lower().replace("’", "'"))
    for place, word in enumerate(words):
        turned = TURNS_ROUND.intersection(words[max(0, place - 2) : place])
        score += WORDS.get(word, 0) * (-1 if turned else 1)
    return score


def analyze(params):
    feelings = [feeling(message["content"]) for message in params["messages"] if message["role"] == "user"]
    balance = sum((each > 0) - (each < 0) for each in feelings)  # Glad messages less those that aren't.
    sentiment = "positive" if balance > 0 else "negative" if balance < 0 else "neutral"
    return {"sentiment": sentiment, "confidence": abs(balance) / max(1, len(feelings))}


# The protocol


def initialize(params):
    return {"name": "example sentiment", "version": "1.0", "capabilities": ["sentiment/analyze"]}


METHODS = {"initialize": initialize, "sentiment/analyze": analyze}


def answer(method, params):
    if method not in METHODS:
        return {"error": {"code": -32601, "message": f"There is no method `{method}`."}}
    try:
        return {"result": METHODS[method](params)}
    except Exception as problem:  # This request fails; the next one may not.
        return {"error": {"code": 1, "message": f"{type(problem).__name__}: {problem}"}}


for line in sys.stdin.buffer:
    message = json.loads(line)
    # What has no id is a notification, which nobody answers. All is answered at once: there is nothing to cancel.
    if "id" in message:
        response = {"jsonrpc": "2.0", "id": message["id"], **answer(message["method"], message.get("params", {}))}
        print(json.dumps(response), flush=True)
