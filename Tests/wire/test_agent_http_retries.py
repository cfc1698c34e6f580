"""What `parley-agent-http` tries again, how often, and when it doesn't."""

import email.utils

import pytest
from agent_http import APIS, STREAMED, asked, refused
from model_replies import chunk, event, message_start, refusal, text_block, whole
from model_server import CUT, Gate, Reply

AGAIN = [408, 429, 500, 502, 503, 504, 529]
ATTEMPTS = 5


@pytest.mark.parametrize("status", AGAIN)
@pytest.mark.parametrize("api", APIS)
def test_a_server_that_is_busy(tmp_path, api, status):
    with asked(tmp_path, api, *[refusal(status)] * 2, whole(api, "Hi")) as (server, agent):
        assert agent.execute("Hello")["response"] == "Hi"
        assert len(server.requests) == 3
        # It is the same question each time.
        assert len({(request.path, request.body, request.headers.get("authorization")) for request in server.requests}) == 1


@pytest.mark.parametrize("api", APIS)
def test_the_last_attempt_counts(tmp_path, api):
    with asked(tmp_path, api, *[refusal(500)] * (ATTEMPTS - 1), whole(api, "Hi")) as (server, agent):
        assert agent.execute()["response"] == "Hi"
        assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize("status", AGAIN)
def test_a_server_that_stays_busy(tmp_path, status):
    with asked(tmp_path, "openai", refusal(status, "Come back tomorrow.")) as (server, agent):
        error = refused(agent)
        assert error.kind not in ("unavailable", "timeout")
        assert str(status) in error.text and "Come back tomorrow." in error.text
        assert len(server.requests) == ATTEMPTS
        server.answer(whole("openai", "Hi"))
        assert agent.execute()["response"] == "Hi"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 413, 418, 422, 501, 505])
@pytest.mark.parametrize("api", APIS)
def test_what_would_be_the_same_again(tmp_path, api, status):
    with asked(tmp_path, api, refusal(status, "Never."), whole(api, "Hi")) as (server, agent):
        error = refused(agent)
        assert (error.kind == "unavailable") == (status in (401, 403))
        assert error.kind != "timeout" and "Never." in error.text
        assert len(server.requests) == 1


@pytest.mark.parametrize("api", APIS)
def test_connections_that_fail(tmp_path, api):
    """Closed before an answer, or answered with what is no HTTP."""
    replies = [Reply(before=[CUT]), Reply(before=[b"HTTP/1.", CUT]), Reply(before=[CUT]), whole(api, "Hi")]
    with asked(tmp_path, api, *replies) as (server, agent):
        assert agent.execute()["response"] == "Hi"
        assert len(server.requests) == 4


def test_connections_that_go_on_failing(tmp_path):
    with asked(tmp_path, "openai", Reply(before=[CUT])) as (server, agent):
        assert refused(agent).kind == "unavailable"
        assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize("api", STREAMED)
def test_one_attempt_may_fail_in_many_ways(tmp_path, api):
    """All of them count together."""
    cut = Reply(before=[CUT])
    replies = [refusal(500), cut, refusal(429), cut, refusal(503, "The last.")]
    with asked(tmp_path, api, *replies, whole(api, "Hi")) as (server, agent):
        assert "The last." in refused(agent).text
        assert len(server.requests) == ATTEMPTS


BEGUN = {"openai": [chunk({"content": "Hi"})], "anthropic": [message_start(), *text_block(0, "Hi")[:2]]}


@pytest.mark.parametrize("api", STREAMED)
def test_never_once_the_reply_has_begun(tmp_path, api):
    """It would be told twice."""
    overloaded = event("error", error={"type": "overloaded_error", "message": "Overloaded."})
    for end in (CUT, overloaded):
        gate = Gate()
        with asked(tmp_path, api, Reply(*BEGUN[api], gate, end), whole(api, "Ho")) as (server, agent):
            id = agent.begin_execute()
            assert agent.text(id, "Hi") == "Hi"
            gate.open()
            with pytest.raises(Exception, match="."):
                agent.expect(id)
            assert agent.text(id) == "Hi"
            assert len(server.requests) == 1


# Retry-After


def after(value, status=429):
    return refusal(status, **{"Retry-After": value})


AT_ONCE = ["0", "0.001", "-5", "soon", "", "1e400", "Thu, 01 Jan 1970 00:00:00 GMT", "Someday, 99 Foo 2000"]


@pytest.mark.parametrize("value", AT_ONCE)
def test_no_longer_than_usual(tmp_path, value):
    with asked(tmp_path, "openai", after(value), whole("openai", "Hi")) as (server, agent):
        assert agent.execute()["response"] == "Hi"
        assert len(server.requests) == 2


LATER = {
    "seconds": "3600",
    "a minute": "60",
    "more seconds than there are": "99999999999999999999",
    "a date": email.utils.formatdate(4_000_000_000, usegmt=True),
}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("name", LATER)
def test_a_server_that_asks_for_patience(tmp_path, name, status):
    """While one execution waits for that, many others come and go, each of them after a pause of its own that would
    have been long enough; and one that waits can be cancelled."""
    with asked(tmp_path, "openai", after(LATER[name], status)) as (server, agent):
        id = agent.begin_execute("patience")
        server.request(0)
        server.answer(*[refusal(500), whole("openai", "Hi")] * 20)
        for _ in range(20):
            assert agent.execute("now")["response"] == "Hi"
        prompts = [request.json["messages"][-1]["content"] for request in server.requests]
        assert prompts.count("patience") == 1
        assert not agent.has_answered(id)
        agent.cancel(id)
        with pytest.raises(Exception, match="-32800"):
            agent.expect(id)


def test_a_pause_ends_with_the_input(tmp_path):
    with asked(tmp_path, "openai", after("60")) as (server, agent):
        agent.begin_execute()
        server.request(0)
        agent.close_input()
        assert agent.wait() == 0
        assert len(server.requests) == 1


def test_an_attempt_that_hangs_is_cancelled_too(tmp_path):
    with asked(tmp_path, "openai", refusal(500), Reply(before=[Gate()])) as (server, agent):
        id = agent.begin_execute()
        request = server.request(1)
        agent.cancel(id)
        request.wait_closed()
        with pytest.raises(Exception, match="-32800"):
            agent.expect(id)
        assert len(server.requests) == 2
