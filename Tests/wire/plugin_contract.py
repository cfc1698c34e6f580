"""What a host may send to a plugin or a command, as `schemas/plugin.openrpc.json` has it."""

import functools
import json

import contract
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCUMENT = json.loads((contract.SCHEMAS / "plugin.openrpc.json").read_text(encoding="utf-8"))
_REGISTRY = Registry().with_resources([("urn:plugin", Resource(DOCUMENT, DRAFT202012))])
_PLACE = {method["name"]: place for place, method in enumerate(DOCUMENT["methods"])}


@functools.lru_cache(maxsize=None)
def _params(name):
    method = DOCUMENT["methods"][_PLACE[name]]
    params = method["params"]
    pointer = f"urn:plugin#/methods/{_PLACE[name]}/params"
    schema = {
        "type": "object",
        "properties": {param["name"]: {"$ref": f"{pointer}/{place}/schema"} for place, param in enumerate(params)},
        "required": [param["name"] for param in params if param.get("required")],
        "additionalProperties": False,
        "allOf": [{"$ref": f"urn:plugin#/methods/{_PLACE[name]}/x-params"}] if "x-params" in method else [],
    }
    return Draft202012Validator(schema, registry=_REGISTRY)


@functools.lru_cache(maxsize=None)
def _exec_request():
    return Draft202012Validator({"$ref": "urn:plugin#/components/schemas/ExecRequest"}, registry=_REGISTRY)


def check_sent(message, is_command):
    """One message to a plugin, or the one line that a command gets."""
    if is_command:
        name, params, validator = "a command's line", message, _exec_request()
    elif "method" not in message:
        assert set(message) == {"jsonrpc", "id", "error"}, f"a host gives no results: {message}"
        return
    else:
        name, params = message["method"], message.get("params", {})
        assert message["jsonrpc"] == "2.0" and set(message) <= {"jsonrpc", "id", "method", "params"}, message
        assert ("id" in message) == (not name.startswith("$/")), f"{name} should {'not ' * ('id' in message)}have an id"
        assert name in _PLACE, f"no method `{name}` of plugins is published"
        validator = _params(name)
    problem = next(validator.iter_errors(params), None)
    assert problem is None, f"{name} is wrong at {problem.json_path}: {problem.message[:300]}"
