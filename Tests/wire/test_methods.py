"""The methods there are, and that each takes what the published document says and nothing else."""

import itertools

import contract
import pytest
from host import run
from messages import WireError, call

NEEDED = {"conversationId": "none", "content": "x", "prompt": "x", "conversation": {"messages": []}}
# Params of which a method takes exactly one, though none of them is required by itself.
ONE_OF = {"conversation/import": ["conversation", "text", "path"]}
VALUES = [
    None, True, 0, -1, -2, 1001, 1.5, 2**63 - 1, "", "no such word", "/", "echo", "active", "reject", "asc", "open",
    "sales", "user", "startTime", "jsonl", "markdown", "x" * 255, "x" * 256, "2026-01-01T00:00:00.5+02:00",
    [], [0], ["x"], ["conversation_state"], ["user_preferences"], {},
    {"name": "x"}, {"name": "x", "version": 1}, {"name": "x", "more": 1},
    {"conversation_state": "ended"}, {"conversation_type": "sales"},
    {"user_preferences": 1}, {"custom_data": []}, {"type": 1}, {"type": "sales"}, {"sendWelcome": 1}, {"sendWelcome": "x"},
    {"loadUserProfile": "x"}, {"loadUserProfile": False}, [{"role": "user", "content": "x"}], [{"role": "user"}],
    [{"role": "boss", "content": "x"}], [{"role": "user", "content": "x", "more": 1}], {"messages": []}, {"messages": {}},
    {"messages": [{"role": "user", "content": "x", "timestamp": "2026-01-01", "metadata": {}}]}, {"messages": [1]},
    {"messages": [{"role": "user"}]}, {"messages": [{"role": "user", "content": "x", "more": 1}]},
    {"messages": [{"role": "user", "content": "x", "timestamp": "now"}]}, {"messages": [], "id": "-"},
    {"messages": [], "type": "none"}, {"messages": [], "startTime": "2026-01-01", "endTime": "2026-01-02T00:00:00Z"},
    {"messages": [], "more": 1}, {"messages": [], "startTime": "now"},
    {"messages": [], "context": {"user_preferences": 1}}, {"messages": [], "context": {"conversation_state": "ended"}},
]  # fmt: skip


def required(method):
    return [param["name"] for param in contract.METHODS[method]["params"] if param["required"]]


def needed(method, name=None):
    """The least that the method takes, with the param `name` or without."""
    ways = ONE_OF.get(method, [])
    return {each: NEEDED[each] for each in [*required(method), *([] if name in ways else ways[:1])]}


def outcomes(store):
    """Each param of each method with each of the values above, all in one session: the params, whether the published
    schema takes them, and the error's kind and the name of the member that it blames."""
    cases = [
        (method, param["name"], {**needed(method, param["name"]), param["name"]: value})
        for method in contract.REQUESTS
        for param, value in itertools.product(contract.METHODS[method]["params"], VALUES)
    ]
    done = run(b"".join(call(number, method, params) for number, (method, _, params) in enumerate(cases)), store)
    answers = {answer["id"]: answer for answer in done.lines}
    for number, (method, name, params) in enumerate(cases):
        data = answers[number].get("error", {}).get("data", {})
        blamed = data.get("path", "").split(".")[0].split("[")[0]
        yield method, name, params, contract.params_fit(method, params), data.get("kind"), blamed


def test_what_the_schema_refuses_is_refused_by_its_name(store):
    wrong = [
        (method, params, kind)
        for method, name, params, fits, kind, blamed in outcomes(store)
        if not fits and (kind, blamed) != ("invalidParams", name)
    ]
    assert wrong == []


def test_what_the_schema_takes_is_taken(store):
    """Only a cursor, what is to be imported, and a type, of which a config may add more, is more than a string."""
    wrong = [
        (method, params)
        for method, name, params, fits, kind, _ in outcomes(store)
        if fits and kind == "invalidParams" and name not in ("cursor", "text", "path", "type")
        and not any(isinstance(value, dict) and "type" in value for value in params.values())
    ]
    assert wrong == []


@pytest.mark.parametrize("method", contract.REQUESTS)
def test_unknown_and_missing_members_are_refused(host, method):
    least = needed(method)
    cases = [({**least, "zzzzzzzz": 1}, "zzzzzzzz")]
    cases += [({name: least[name] for name in least if name != left_out}, left_out) for left_out in required(method)]
    for params, path in cases:
        with pytest.raises(WireError) as caught:
            host.request(method, params)
        assert (caught.value.kind, caught.value.data["path"]) == ("invalidParams", path)
        assert f"`{path}`" in caught.value.message


@pytest.mark.parametrize("method", contract.REQUESTS)
def test_meta_is_allowed_everywhere(host, method):
    try:
        host.request(method, {**needed(method), "_meta": {"anything": [1]}})
    except WireError as error:
        assert error.kind == "conversationNotFound"


@pytest.mark.parametrize(
    ("method", "params", "wrong", "closest"),
    [
        ("conversation/send", {"conversationId": "c", "contnet": "x"}, "contnet", "content"),
        ("conversation/start", {"UserId": "x"}, "UserId", "userId"),
        ("conversation/list", {"ordr": "asc"}, "ordr", "order"),
        ("conversation/history", {"conversationId": "c", "limits": 5}, "limits", "limit"),
    ],
)
def test_a_misspelt_member_is_told_the_closest(host, method, params, wrong, closest):
    with pytest.raises(WireError) as caught:
        host.request(method, params)
    assert (caught.value.data["path"], caught.value.data["closest"]) == (wrong, closest)
    assert f"`{closest}`" in caught.value.message


@pytest.mark.parametrize(
    ("method", "closest"),
    [
        ("conversation/strat", "conversation/start"),
        ("Ping", "ping"),
        ("conversation/History", "conversation/history"),
        ("rpc.discovr", "rpc.discover"),
        ("zzzzzzzzzzzzzzzzzzzzzz", None),
        ("", None),
        ("rpc.none", None),
        ("$/none", None),
        ("ping\0", "ping"),
    ],
)
def test_an_unknown_method_is_told_the_closest(host, method, closest):
    with pytest.raises(WireError) as caught:
        host.request(method)
    assert (caught.value.code, caught.value.kind) == (-32601, "methodNotFound")
    if closest is not None:
        assert caught.value.data["closest"] == closest


def test_the_document_is_the_published_one(host):
    assert host.request("rpc.discover") == contract.DOCUMENT


def test_what_initialize_tells(host):
    told = host.request("initialize", {"clientInfo": {"name": "test", "version": "1"}, "protocolVersion": "parley/1"})
    assert told["protocolVersion"] == "parley/1"
    assert told["serverInfo"] == {"name": "parley", "version": contract.DOCUMENT["info"]["version"]}
    assert told["storePath"] == str(host.store)
    assert "configPath" not in told
    assert sorted(told["capabilities"]["methods"]) == sorted(contract.METHODS)
    assert told["capabilities"]["agents"] == ["echo"]
    assert told["capabilities"]["types"] == ["customer_support", "sales", "general"]
    assert told["capabilities"]["durability"] == "fsync"


def test_initialize_may_come_again_and_later(host):
    assert host.request("ping") == {}
    assert host.request("initialize") == host.request("initialize")


@pytest.mark.parametrize(
    ("version", "command"),
    [(1, "parley acp"), (2, "parley acp"), ("2025-06-18", "parley mcp"), ("2024-11-05", "parley mcp")],
)
def test_peers_of_other_protocols_are_told_their_command(store, version, command):
    """As these protocols' own clients send it, with members of theirs that are unknown here."""
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "editor", "version": "1"}}
    for sent in (params, {"protocolVersion": version}):
        (answer,) = run(call(0, "initialize", sent), store).lines
        assert answer["error"]["data"]["kind"] == "invalidParams"
        assert f"`{command}`" in answer["error"]["message"]
