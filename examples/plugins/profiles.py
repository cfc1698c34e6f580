#!/usr/bin/env python3
"""Gives Parley the profiles of users, from profiles.json beside it. To make it yours, ask your database in `load`."""

import json
import pathlib
import sys

FILE = pathlib.Path(__file__).with_name("profiles.json")


def load(params):
    profiles = json.loads(FILE.read_text(encoding="utf-8"))  # Each time, so that a change counts at once.
    if params["userId"] not in profiles:
        raise LookupError(f"{FILE.name} has no user `{params['userId']}`.")
    return {"profile": profiles[params["userId"]]}


# The protocol


def initialize(params):
    return {"name": "example profiles", "version": "1.0", "capabilities": ["profile/load"]}


METHODS = {"initialize": initialize, "profile/load": load}


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
