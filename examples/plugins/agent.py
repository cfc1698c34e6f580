#!/usr/bin/env python3
"""An agent for Parley. It answers by a few rules, word by word; to make it yours, put your model into `reply`."""

import json
import re
import sys
import threading


def reply(request, settings):
    """Yields the reply in pieces, each with its kind: `text`, or `thought` for what isn't part of the reply."""
    for rule in RULES:
        if answer := rule(request):
            break
    yield "thought", f"The rule `{rule.__name__}` fits."
    if settings.get("tone") == "kind" and mood(request["context"]) == "negative":
        yield "text", "I am sorry that it goes so badly. "
    for word in re.findall(r"\s*\S+", answer):
        yield "text", word


# What it knows


def greeting(request):
    if re.search(r"\b(hello|hi|good morning)\b", request["prompt"], re.IGNORECASE):
        return f"Hello {request['context'].get('user_id', 'there')}! Ask me what you said, or have me count to 20."


def counting(request):
    if found := re.search(r"\bcount to (\d{1,5})\b", request["prompt"], re.IGNORECASE):
        return " ".join(str(number) for number in range(1, int(found[1]) + 1)) or "I am done."


def memory(request):
    if re.search(r"\bwhat did i (say|ask)\b", request["prompt"], re.IGNORECASE):
        said = [message["content"] for message in request["messages"] if message["role"] == "user"]
        said = [text for text in said if text != request["prompt"]]
        return f"You said: “{said[-1]}”" if said else "Nothing so far."


def anything(request):
    words = request["prompt"].split()
    return f"Of what you said, “{max(words, key=len)}” is the longest word." if words else "You said nothing."


RULES = [greeting, counting, memory, anything]


def mood(context):
    """What Parley found out; which member has it depends on the conversation's type."""
    sentiment = context.get("user_sentiment", {}).get("sentiment")
    return sentiment or context.get("conversation_mood", {}).get("overall_sentiment")


# The protocol

writing = threading.Lock()
running = {}  # An event for each request that is being answered, set when it is no longer wanted.


def send(**message):
    with writing:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def fail(id, code, message):
    send(id=id, error={"code": code, "message": message})


def execute(id, request, settings, cancelled):
    try:
        pieces = []
        for kind, text in reply(request, settings):
            if cancelled.is_set():
                return fail(id, -32800, "The request was cancelled.")
            send(method="agent/delta", params={"executionId": request["executionId"], "kind": kind, "text": text})
            if kind == "text":
                pieces.append(text)
        usage = {"input_tokens": len(request["prompt"].split()), "output_tokens": len(pieces)}
        send(id=id, result={"response": "".join(pieces), "metadata": {"usage": usage}})
    except Exception as problem:  # One turn fails; the others go on.
        fail(id, 1, f"{type(problem).__name__}: {problem}")
    finally:
        running.pop(id, None)


def main():
    settings = {}
    for line in sys.stdin.buffer:
        message = json.loads(line)
        id, method, params = message.get("id"), message["method"], message.get("params", {})
        if method == "initialize":
            settings = params.get("settings", {})
            send(id=id, result={"name": "example agent", "version": "1.0", "capabilities": ["agent/execute"]})
        elif method == "agent/execute":
            running[id] = cancelled = threading.Event()
            threading.Thread(target=execute, args=(id, params, settings, cancelled)).start()
        elif method == "$/cancelRequest":
            if cancelled := running.get(params["id"]):
                cancelled.set()
        elif id is not None:  # What has no id is a notification, which nobody answers.
            fail(id, -32601, f"There is no method `{method}`.")
    # The host has closed our stdin: leave as soon as every thread has noticed.
    for cancelled in list(running.values()):
        cancelled.set()


main()
