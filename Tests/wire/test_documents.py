"""That the published documents hold together: what refers to something finds it, what is closed is closed, and each
example is what its schema says."""

import contract
import pytest
from contract import DOCUMENT, EVENTS, METHODS, NOTIFICATIONS
from jsonschema import Draft202012Validator

COMPONENTS = DOCUMENT["components"]


def examples(entries):
    """Each example with the name of its method, and under a name for people."""
    return [
        pytest.param(name, example, id=f"{name}: {example['name']}")
        for name, entry in entries.items()
        for example in entry["examples"]
    ]


def values(params):
    named = {param["name"]: param["value"] for param in params}
    assert len(named) == len(params), "an example gives a param twice"
    return named


def objects(value):
    """Every object in a JSON value, from the outside in."""
    if isinstance(value, dict):
        yield value
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(member)


def found(document, reference):
    at = document
    for name in reference.removeprefix("#/").split("/"):
        at = at[int(name)] if isinstance(at, list) else at[name]
    return at


@pytest.mark.parametrize("document", [DOCUMENT, EVENTS], ids=["openrpc", "event"])
def test_references_in_a_document_lead_somewhere(document):
    for each in objects(document):
        if isinstance(each.get("$ref"), str):
            assert isinstance(found(document, each["$ref"]), dict), each["$ref"]


def test_the_schemas_are_schemas():
    Draft202012Validator.check_schema(EVENTS)
    schemas = [*COMPONENTS["schemas"].values(), *(error["data"] for error in COMPONENTS["errors"].values())]
    for entry in [*METHODS.values(), *NOTIFICATIONS.values()]:
        schemas += [param["schema"] for param in entry["params"]]
        schemas += [entry.get("x-params", True), entry.get("result", {}).get("schema", True)]
    for schema in schemas:
        Draft202012Validator.check_schema(schema)


def test_the_document_names_each_thing_once():
    for entries in (DOCUMENT["methods"], DOCUMENT["x-notifications"]):
        assert len({entry["name"] for entry in entries}) == len(entries)
        for entry in entries:
            assert len({param["name"] for param in entry["params"]}) == len(entry["params"]), entry["name"]
            errors = [error["$ref"] for error in entry.get("errors", [])]
            assert len(set(errors)) == len(errors), entry["name"]


def test_the_document_s_lists_of_errors_agree():
    errors, schemas = COMPONENTS["errors"], COMPONENTS["schemas"]
    assert schemas["ErrorData"]["properties"]["kind"]["enum"] == list(errors)
    codes = [error["code"] for error in errors.values()]
    assert schemas["Error"]["properties"]["code"]["enum"] == list(dict.fromkeys(codes))
    for kind, error in errors.items():
        assert error["data"]["properties"]["kind"] == {"const": kind}
    listed = {error["$ref"] for entry in DOCUMENT["methods"] for error in entry.get("errors", []) + DOCUMENT["x-errors"]}
    assert listed == {f"#/components/errors/{kind}" for kind in errors}


@pytest.mark.parametrize(("method", "example"), examples(METHODS))
def test_an_example_of_a_method_is_one(method, example):
    params = values(example["params"])
    problem = next(contract.params_validator(method).iter_errors(params), None)
    assert problem is None, f"{problem.json_path}: {problem.message}"
    assert ("result" in example) == ("result" in METHODS[method])
    if "result" in example:
        assert example["result"]["name"] == METHODS[method]["result"]["name"]
        contract.check_result(method, example["result"]["value"])


@pytest.mark.parametrize(("method", "example"), examples({name: METHODS[name] for name in contract.REQUESTS}))
def test_a_result_s_schema_is_closed(method, example):
    if method != "rpc.discover":
        with pytest.raises(AssertionError):
            contract.check_result(method, {**example["result"]["value"], "zzzzzzzz": 1})


@pytest.mark.parametrize(("name", "example"), examples(NOTIFICATIONS))
def test_an_example_of_a_notification_is_one(name, example):
    notification = {"jsonrpc": "2.0", "method": name, "params": values(example["params"])}
    contract.check_notification(notification)
    notification["params"]["zzzzzzzz"] = 1
    with pytest.raises(AssertionError):
        contract.check_notification(notification)


@pytest.mark.parametrize("event", EVENTS["examples"], ids=lambda event: event["type"])
def test_an_example_of_an_event_is_one(event):
    contract.check("urn:events", event, "an example")
    contract.check_event(event)
    with pytest.raises(AssertionError):
        contract.check_event({**event, "zzzzzzzz": 1})


@pytest.mark.parametrize(
    ("method", "params", "fits"),
    [
        ("conversation/history", {"conversationId": "c", "around": "m", "limit": 9}, True),
        ("conversation/history", {"conversationId": "c", "before": 9, "after": 1}, True),
        ("conversation/history", {"conversationId": "c", "around": "m", "before": 9}, False),
        ("conversation/history", {"conversationId": "c", "around": "m", "after": 1}, False),
        ("conversation/fork", {"conversationId": "c"}, True),
        ("conversation/fork", {"conversationId": "c", "beforeMessageId": "m", "throughMessageId": "m"}, False),
        ("conversation/import", {"path": "c.json", "format": "json", "_meta": {}}, True),
        ("conversation/import", {"format": "json"}, False),
        ("conversation/import", {"text": "{}", "path": "c.json"}, False),
        ("conversation/import", {"conversation": {"messages": []}, "text": "{}"}, False),
    ],
)
def test_what_the_schema_takes_of_params_that_exclude_each_other(method, params, fits):
    assert contract.params_fit(method, params) == fits
