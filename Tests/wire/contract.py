"""What may go over the wire and stand in a file, as the published schemas have it, compiled once.

Every line that a test receives passes through here, so no test needs to look at shapes itself: it looks at what it
is about, and a member too many, a missing one or an error of an undeclared kind fails it all the same.
"""

import functools
import json
from pathlib import Path

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


def _read(name):
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


DOCUMENT = _read("openrpc.json")
EVENTS = _read("event.schema.json")
METHODS = {method["name"]: method for method in DOCUMENT["methods"]}
REQUESTS = [name for name, method in METHODS.items() if not method.get("x-notification")]
NOTIFICATIONS = {notification["name"]: notification for notification in DOCUMENT["x-notifications"]}

_REGISTRY = Registry().with_resources(
    [
        ("urn:rpc", Resource(DOCUMENT, DRAFT202012)),
        ("urn:events", Resource(EVENTS, DRAFT202012)),
    ]
)
_PLACE = {name: place for place, name in enumerate(METHODS)}
# Each branch of the strict schema is for one type of event; going to it directly is ten times as fast as oneOf.
_BRANCH = {branch["$ref"].split("/")[-1]: place for place, branch in enumerate(EVENTS["$defs"]["strict"]["oneOf"])}


@functools.lru_cache(maxsize=None)
def validator(reference):
    return Draft202012Validator({"$ref": reference}, registry=_REGISTRY)


def _params_validator(entry, pointer, **more):
    """Params are published as a list; this is the one schema for all of them together, and `more` members."""
    properties = {
        param["name"]: {"$ref": f"urn:rpc#/{pointer}/params/{place}/schema"}
        for place, param in enumerate(entry["params"])
    }
    schema = {
        "type": "object",
        "properties": {**properties, **more},
        "required": [param["name"] for param in entry["params"] if param["required"]],
        "additionalProperties": False,
        "allOf": [entry.get("x-params", True)],
    }
    return Draft202012Validator(schema, registry=_REGISTRY)


@functools.lru_cache(maxsize=None)
def params_validator(method):
    return _params_validator(METHODS[method], f"methods/{_PLACE[method]}", _meta=True)


@functools.lru_cache(maxsize=None)
def _notification_validator(name):
    return _params_validator(NOTIFICATIONS[name], f"x-notifications/{list(NOTIFICATIONS).index(name)}")


def check(reference, value, what):
    problem = next(validator(reference).iter_errors(value), None)
    assert problem is None, f"{what} breaks {reference} at {problem.json_path}: {problem.message[:300]}"


def params_fit(method, params):
    """Whether the published schema takes these params."""
    if method not in METHODS:
        return False
    return params_validator(method).is_valid({} if params is None or params == [] else params)


def check_answer(answer, method=None, strict=True):
    """One answer; `method` is that of its request where it can be told. `strict` is for stores of this version."""
    check("urn:rpc#/components/schemas/Response", answer, "an answer")
    if "error" in answer:
        check_error(answer["error"], method)
    elif method is not None:
        check_result(method, answer["result"], strict)


def is_notification(received):
    return isinstance(received, dict) and "method" in received and "id" not in received


def check_notification(notification):
    """One message that nobody answers. Whether somebody asked for it is not told by its shape."""
    check("urn:rpc#/components/schemas/Notification", notification, "a notification")
    name = notification["method"]
    assert name in NOTIFICATIONS, f"no notification `{name}` is published"
    problem = next(_notification_validator(name).iter_errors(notification["params"]), None)
    assert problem is None, f"the params of {name} are wrong at {problem.json_path}: {problem.message[:300]}"


def check_error(error, method=None):
    kind = error["data"]["kind"]
    declared = DOCUMENT["components"]["errors"][kind]
    assert error["code"] == declared["code"], f"`{kind}` has the code {error['code']}, not {declared['code']}"
    check(f"urn:rpc#/components/errors/{kind}/data", error["data"], f"the data of `{kind}`")
    assert error["message"] == error["message"].strip() != "", "an error's message is a sentence"
    if method is not None:
        listed = METHODS.get(method, {}).get("errors", []) + DOCUMENT["x-errors"]
        kinds = [entry["$ref"].split("/")[-1] for entry in listed]
        assert kind in kinds, f"{method} gave the error `{kind}`, which it doesn't list"


def check_result(method, result, strict=True):
    check(f"urn:rpc#/methods/{_PLACE[method]}/result/schema", result, f"the result of {method}")
    if strict:
        for member in ("messages", "events"):
            # Where many files are told of, `events` is how many there are; a preview has messages for a chat model.
            if isinstance(result.get(member), list) and method != "context/preview":
                for event in result[member]:
                    check_event(event)
        for member in ("message", "reply"):
            if member in result:
                check_event(result[member])
    for turn in result.get("turns", []):
        if "error" in turn:
            check_error(turn["error"])


def check_event(event):
    branch = _BRANCH.get(event.get("type"))
    assert branch is not None, f"this version writes no event of the type {event.get('type')!r}"
    check(f"urn:events#/$defs/strict/oneOf/{branch}", event, "an event")
    if "error" in event:
        check_error(event["error"])


def parse(line):
    """One line as strictly as JSON has it: no NaN, no key twice, valid UTF-8."""

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    def members(pairs):
        assert len(dict(pairs)) == len(pairs), "an object has a key twice"
        return dict(pairs)

    return json.loads(line.decode("utf-8"), parse_constant=refuse, object_pairs_hook=members)


def check_file(path):
    """A conversation's file: whole lines, each a strict event whose seq is the line's number. Gives the events."""
    data = path.read_bytes()
    assert data.endswith(b"\n"), f"{path.name} doesn't end with a line end"
    events = [parse(line) for line in data.split(b"\n")[:-1]]
    for number, event in enumerate(events):
        assert event["seq"] == number, f"{path.name}: line {number + 1} has the seq {event['seq']}"
        check_event(event)
    if "forkedFrom" in events[0]:
        for event in events[1 : events[0]["forkedFrom"]["inherited"] + 1]:
            assert event["type"] == "message", f"{path.name}: line {event['seq'] + 1} should be a message that came along"
            assert not {"turnId", "idempotencyKey"} & set(event), f"{path.name}: line {event['seq'] + 1} belongs elsewhere"
    return events
