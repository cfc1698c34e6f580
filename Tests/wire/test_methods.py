"""The methods there are, and that each takes what the published document says and nothing else."""

import itertools

import contract
import pytest
from host import run
from messages import WireError, call

VALUES = [None, True, 0, -2, 1001, 1.5, "", "no such word", "/", [], [0], {}, {"conversation_state": "ended"}, {"type": 1}]
SAMPLES = {
    "conversationId": "none", "content": "x", "prompt": "x", "id": 1,
}  # fmt: skip


def refused_values():
    """For each param of each method the values above that its schema doesn't take."""
    for method in contract.REQUESTS:
        needed = {param["name"]: SAMPLES[param["name"]] for param in contract.METHODS[method]["params"] if param["required"]}
        for param, value in itertools.product(contract.METHODS[method]["params"], VALUES):
            params = {**needed, param["name"]: value}
            if not contract.params_fit(method, params):
                yield method, param["name"], params


def test_what_the_schema_refuses_is_refused(host):
    """And the answer names the member. All of them in one session: nothing that is refused leaves a trace."""
    count = 0
    for method, name, params in refused_values():
        with pytest.raises(WireError) as caught:
            host.request(method, params)
        said = (caught.value.kind, caught.value.data.get("path", "").split(".")[0].split("[")[0])
        assert said == ("invalidParams", name), f"{method} {params}: {caught.value}"
        count += 1
    assert count > 100
    assert list(host.store.glob("conversations/*")) == []


@pytest.mark.parametrize("method", contract.REQUESTS)
def test_unknown_and_missing_members_are_refused(host, method):
    needed = {param["name"]: SAMPLES[param["name"]] for param in contract.METHODS[method]["params"] if param["required"]}
    for params, path in [({**needed, "zzzzzzzz": 1}, "zzzzzzzz")] + [({}, name) for name in needed]:
        with pytest.raises(WireError) as caught:
            host.request(method, params)
        assert caught.value.kind == "invalidParams"
        assert caught.value.data["path"] in ([path] if params else list(needed))
        assert path in caught.value.message or not params


@pytest.mark.parametrize("method", contract.REQUESTS)
def test_meta_is_allowed_everywhere(host, method):
    needed = {param["name"]: SAMPLES[param["name"]] for param in contract.METHODS[method]["params"] if param["required"]}
    try:
        host.request(method, {**needed, "_meta": {"anything": [1]}})
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
    ("version", "command"), [(1, "parley acp"), (2, "parley acp"), ("2025-06-18", "parley mcp"), ("2024-11-05", "parley mcp")]
)
def test_peers_of_other_protocols_are_told_their_command(store, version, command):
    """As these protocols' own clients send it, with members of theirs that are unknown here."""
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "editor", "version": "1"}}
    for sent in (params, {"protocolVersion": version}):
        (answer,) = run(call(0, "initialize", sent), store).lines
        assert answer["error"]["data"]["kind"] == "invalidParams"
        assert f"`{command}`" in answer["error"]["message"]
