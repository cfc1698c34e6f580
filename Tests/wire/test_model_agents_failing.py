"""What becomes of a turn whose model server fails, is too slow, or isn't wanted any more."""

import json

import contract
import pytest
from agent_http import APIS, KEY, STREAMED
from messages import WireError
from model_host import serve  # noqa: F401
from model_replies import BEHIND, EVENTS, refusal, whole
from model_server import CUT, Gate, ModelServer, Reply


def failure(host, id):
    with pytest.raises(WireError) as caught:
        host.expect(id)
    return caught.value


UNAVAILABLE = {
    "401": (refusal(401, f"No such key: {KEY}"), {}, {"MODEL_KEY": KEY}),
    "403": (refusal(403, "Not for you."), {}, {"MODEL_KEY": KEY}),
    "no key": (None, {}, {}),
    "no file": (None, {"apiKey": {"file": "nowhere.txt"}}, {}),
    "a command that fails": (None, {"apiKey": {"command": ["false"]}}, {}),
    "nobody there": (Reply(before=[CUT]), {}, {"MODEL_KEY": KEY}),
}


@pytest.mark.parametrize("name", UNAVAILABLE)
@pytest.mark.parametrize("api", APIS)
def test_what_the_agent_needs_is_missing(serve, api, name):
    """The question stays, and is answered once all is there."""
    reply, more, variables = UNAVAILABLE[name]
    with ModelServer(reply or whole(api, "Hi")) as server:
        host = serve(api, server, variables=variables, **more)
        error = failure(host, host.begin_send("c", "Hello?"))
        assert (error.code, error.kind, error.data["agentId"]) == (1023, "agentUnavailable", "model")
        assert host.history("c")["turns"][0]["outcome"] == "failed"
        if reply is None:
            assert server.requests == []
        else:
            server.answer(whole(api, "Hi"))
            assert host.request("turn/retry", {"conversationId": "c"})["reply"]["content"] == "Hi"


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_server_that_fails(serve, api, status):
    with ModelServer(refusal(status, f"Not with {KEY}, says the server.")) as server:
        host = serve(api, server)
        error = failure(host, host.begin_send("c", "Hello?"))
        assert (error.code, error.kind) == (1021, "agentFailed")
        assert "says the server." in json.dumps([error.message, error.data])
        assert len(server.requests) == (5 if status == 500 else 1)
        server.answer(whole(api, "Hi"))
        assert host.send("c", "Again?")["reply"]["content"] == "Hi"


LIMITS = [(api, limit) for api in APIS for limit in ("firstToken", "idle", "total") if limit != "idle" or api in STREAMED]


@pytest.mark.parametrize(("api", "limit"), LIMITS)
def test_a_server_that_never_answers(serve, api, limit):
    """The time is up, and its connection is closed."""
    reply = Reply(*EVENTS[api][: BEHIND[api][0]], Gate()) if limit == "idle" else Reply(before=[Gate()])
    with ModelServer(reply) as server:
        host = serve(api, server, timeouts={limit: 1.5})
        id = host.begin_send("c", "Hello?", stream=True)
        error = failure(host, id)
        assert (error.code, error.kind, error.data["limit"]) == (1022, "agentTimeout", limit)
        # On a machine that is very slow the time may be up before the server was asked.
        for request in server.requests:
            request.wait_closed()
        assert host.wait_for("turn/ended", id).get("partial", "") == ("Hel" if limit == "idle" else "")
        server.answer(whole(api, "Hi"))
        assert host.send("c", "Again?")["reply"]["content"] == "Hi"


@pytest.mark.parametrize("api", STREAMED)
def test_a_reply_that_breaks_off(serve, api):
    """What there was is kept, and not asked for twice."""
    gate = Gate()
    with ModelServer(Reply(*EVENTS[api][: BEHIND[api][0]], gate, CUT), whole(api, "Hi")) as server:
        host = serve(api, server)
        id = host.begin_send("c", "Hello?", stream=True)
        host.wait_for_text("Hel", id)
        gate.open()
        assert failure(host, id).kind == "agentFailed"
        assert host.wait_for("turn/ended", id)["partial"] == "Hel"
        (ended,) = [event for event in contract.check_file(host.file("c")) if event["type"] == "turnEnded"]
        assert (ended["outcome"], ended["partial"]) == ("failed", "Hel")
        assert len(server.requests) == 1
        assert host.send("c", "Again?")["reply"]["content"] == "Hi"


# Cancelling


def cancelled_by_request(host, id):
    host.notify("$/cancelRequest", {"id": id})


def cancelled_by_turn(host, id):
    host.request("turn/cancel", {"conversationId": "c"})


def interrupted(host, id):
    host.send("c", "Rather this.", whenBusy="interrupt", execute=True, wait=False)


@pytest.mark.parametrize("how", [cancelled_by_request, cancelled_by_turn, interrupted])
@pytest.mark.parametrize("api", APIS)
def test_cancelling_reaches_the_server(serve, api, how):
    begun = Reply(*EVENTS[api][: BEHIND[api][0]], Gate()) if api in STREAMED else Reply(Gate())
    with ModelServer(begun, whole(api, "Hi")) as server:
        host = serve(api, server)
        id = host.begin_send("c", "Hello?", stream=True)
        request = server.request(0)
        if api in STREAMED:
            host.wait_for_text("Hel", id)
        how(host, id)
        assert failure(host, id).kind == "cancelled"
        request.wait_closed()
        (ended,) = [event for event in contract.check_file(host.file("c")) if event["type"] == "turnEnded"]
        assert ended.get("partial", "") == ("Hel" if api in STREAMED else "")
        assert host.send("c", "Again?")["reply"]["content"] == "Hi"


@pytest.mark.parametrize("api", APIS)
def test_a_host_that_leaves_takes_its_connections_with_it(serve, api):
    with ModelServer(Reply(Gate())) as server:
        host = serve(api, server)
        id = host.begin_send("c", "Hello?")
        request = server.request(0)
        host.stop()
        assert failure(host, id).kind in ("cancelled", "shuttingDown")
        request.wait_closed()


def test_a_host_that_is_killed_does_too(serve):
    with ModelServer(Reply(Gate())) as server:
        host = serve("openai", server)
        host.begin_send("c", "Hello?")
        request = server.request(0)
        host.kill()
        request.wait_closed()
