"""What a conversation's file says, worked out the plain way: read it all, keep everything, look at nothing twice."""

import decimal
import json

import contract


def read(path):
    """The events of a file, each as its line says."""
    return [contract.parse(line) for line in path.read_bytes().split(b"\n")[:-1]]


def without_superseded(events):
    """The events that still count for the history: `superseded` takes out what stands from its `fromSeq` up to it."""
    left = []
    for event in events:
        if event["type"] == "superseded":
            left = [earlier for earlier in left if earlier["seq"] < event["fromSeq"]]
        left.append(event)
    return left


def apart_from_insight(events):
    """What was said and done: the events without those that only tell what was found out about it."""
    return [event for event in events if event["type"] != "insight"]


def history(events):
    return [event for event in without_superseded(events) if event["type"] == "message"]


def turn_ends(events):
    """Those that the history shows: {turnId, messageId, outcome, error?, partial?}."""
    return [
        {name: event[name] for name in ("turnId", "messageId", "outcome", "error", "partial") if name in event}
        for event in without_superseded(events)
        if event["type"] == "turnEnded"
    ]


def usage(events):
    """The sum over all of the conversation's own replies, superseded or not; exact, as money should be."""
    inherited = events[0].get("forkedFrom", {}).get("inherited", 0)
    sums, costs = {}, {}
    for event in events[inherited + 1 :]:
        used = event.get("metadata", {}).get("usage") if event.get("role") == "assistant" else None
        if used is None:
            continue
        for name in ("input_tokens", "output_tokens", "cached_tokens"):
            if name in used or name != "cached_tokens":
                sums[name] = sums.get(name, 0) + used.get(name, 0)
        if "cost" in used:
            cost = used["cost"]
            amount, source = costs.get(cost["currency"], (decimal.Decimal(0), "reported"))
            source = "estimated" if cost["source"] == "estimated" else source
            costs[cost["currency"]] = (amount + decimal.Decimal(repr(cost["amount"])), source)
    if costs:
        sums["costs"] = [
            {"amount": float(amount), "currency": currency, "source": source}
            for currency, (amount, source) in costs.items()
        ]
    return sums


def open_turn(events):
    """The id of the turn that began and has not ended."""
    open = None
    for event in events:
        turn = event.get("turnId")
        if turn and (event["type"] == "turnStarted" or event.get("role") == "user"):
            open = turn
        elif turn and turn == open:
            open = None
    return open


def first_line(content):
    lines = (line.strip(" \t") for line in content.replace("\r", "\n").split("\n"))
    return next((line[:80] for line in lines if line), None)


def note_tools(context, tools):
    """Adds the tools that a reply tells of, each once, as long as there are fewer than 200."""
    told = context.get("tools_used")
    known = [tool for tool in told if isinstance(tool, str)] if isinstance(told, list) else []
    new = [tool for tool in dict.fromkeys(tools) if isinstance(tool, str) and tool not in known]
    new = new[: max(0, 200 - len(known))]
    if new:
        context["tools_used"] = known + new


def conversation(events):
    """All of `conversation/get` but `turns` and `damaged`."""
    head = json.loads(json.dumps(events[0]["conversation"]))
    head.setdefault("tags", [])
    context, metadata = head["context"], head["metadata"]
    context["conversation_type"] = head["type"]
    state = {"startTime": events[0]["timestamp"], "updatedTime": max(event["timestamp"] for event in events)}
    for event in events:
        if event["type"] == "updated":
            changes = dict(event.get("set", {}))
            for name in ("title", "instructions"):
                if changes.get(name) == "":
                    del changes[name]
                    head.pop(name, None)
            head.update(changes)
            for name, members in (("context", context), ("metadata", metadata)):
                members.update(event.get(name, {}).get("set", {}))
                for gone in event.get(name, {}).get("remove", []):
                    members.pop(gone, None)
            context["conversation_type"] = head["type"]
        elif event["type"] == "insight":
            context.update(event["context"])
        elif event.get("role") == "assistant":
            note_tools(context, event.get("metadata", {}).get("tools_used", []))
        elif event["type"] == "ended":
            state["endTime"] = event["timestamp"]
            context["conversation_state"] = "ended"
            metadata["end_reason"] = event["reason"]
        elif event["type"] == "reopened":
            del state["endTime"]
            context["conversation_state"] = "active"
            metadata.pop("end_reason", None)
    if head.get("archived") is False:
        del head["archived"]
    messages = history(events)
    if "title" not in head:
        lines = (first_line(message["content"]) for message in messages if message["role"] == "user")
        title = next((line for line in lines if line is not None), None)
        if title is not None:
            head["title"] = title
    if "forkedFrom" in events[0]:
        state["forkedFrom"] = events[0]["forkedFrom"]
    return {
        **head, **state, "messageCount": len(messages), "seq": len(events) - 1, "usage": usage(events),
    }  # fmt: skip


def check(host, id):
    """A host says of a conversation exactly what its file says; gives the events."""
    told = host.get(id)
    page = host.history(id, limit=1000)
    events = read(host.file(id))
    expected = conversation(events)
    assert ("turns" in told) == (open_turn(events) is not None)
    told.pop("turns", None)
    assert told == expected
    messages = history(events)
    assert page["total"] == len(messages)
    assert page["messages"] == messages[-1000:]
    if len(messages) <= 1000:
        assert page["turns"] == turn_ends(events)
        assert not page["hasBefore"] and not page["hasAfter"]
    turns = [
        event["turnId"]
        for event in events
        if event.get("role") == "assistant" or event["type"] == "turnEnded"
        if "turnId" in event
    ]
    assert len(turns) == len(set(turns)), "a turn has two ends"
    return events
