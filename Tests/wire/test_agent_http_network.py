"""How `parley-agent-http` gets to its server: connections, proxies, certificates."""

import base64
import socket

import pytest
from agent_http import APIS, KEY, PATHS, AgentHTTP, PluginError, asked, refused, settings
from certificates import certificate
from forward_proxy import ForwardProxy
from model_replies import chat_events, whole
from model_server import Gate, ModelServer, Reply


@pytest.fixture
def nowhere():
    """An address where nobody answers, and nobody else will while the test runs."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize("api", APIS)
def test_nobody_answers(tmp_path, nowhere, api):
    with AgentHTTP(tmp_path, settings(api, nowhere)) as agent:
        error = refused(agent)
        assert error.kind == "unavailable"
        assert nowhere.removeprefix("http://") in error.text


def test_a_name_that_is_nowhere(tmp_path):
    """One that no server can have, so nobody else is asked for it."""
    host = "x" * 64 + ".invalid"
    with AgentHTTP(tmp_path, settings("openai", f"http://{host}")) as agent:
        error = refused(agent)
        assert error.kind == "unavailable" and host in error.text


def test_connections_are_used_again_or_not(tmp_path):
    """As the server likes it; also where it closes one without a word while nobody asks."""
    replies = [
        whole("openai", "a"),
        whole("openai", "b", framing="close"),
        whole("openai", "c", headers={"Connection": "close"}),
        whole("openai", "d"),
    ]
    with asked(tmp_path, "openai", *replies) as (server, agent):
        assert [agent.execute()["response"] for _ in replies] == list("abcd")
        server.hang_up()
        assert agent.execute()["response"] == "d"
        assert len(server.requests) == 5


def test_executions_overlap(tmp_path):
    """Each gets its own reply, in whatever order the server gives them."""
    gates = {f"{number}": Gate() for number in range(8)}

    def reply(request):
        prompt = request.json["messages"][-1]["content"]
        return Reply(*chat_events("I heard ")[:2], gates[prompt], *chat_events("I heard ", prompt)[2:])

    with asked(tmp_path, "openai", reply) as (_, agent):
        ids = {prompt: agent.begin_execute(prompt) for prompt in gates}
        for id in ids.values():
            assert agent.text(id, "I heard ") == "I heard "
        for prompt in reversed(gates):
            assert not agent.has_answered(ids[prompt])
            gates[prompt].open()
            assert agent.expect(ids[prompt])["response"] == f"I heard {prompt}"


# Proxies



SET = [("HTTP_PROXY", "http"), ("http_proxy", "http"), ("ALL_PROXY", "http"), ("all_proxy", "http")]
SET += [("HTTPS_PROXY", "https"), ("https_proxy", "https"), ("ALL_PROXY", "https"), ("all_proxy", "https")]


@pytest.mark.parametrize(("variable", "scheme"), SET)
def test_a_proxy(tmp_path, variable, scheme):
    """It is asked for the server by its name, which nobody else has to know."""
    tls = certificate(tmp_path, hosts=["DNS:model.invalid"]) if scheme == "https" else None
    with ModelServer(whole("openai", "Hi"), tls=tls) as server, ForwardProxy(server.port) as proxy:
        variables = {variable: proxy.url, **({"SSL_CERT_FILE": str(tls[0])} if tls else {})}
        with AgentHTTP(tmp_path, settings("openai", f"{scheme}://model.invalid"), **variables) as agent:
            assert agent.execute()["response"] == "Hi"
        assert server.request(0).headers["authorization"] == f"Bearer {KEY}"
        asked_for = "CONNECT model.invalid:443" if tls else f"POST http://model.invalid{PATHS['openai']}"
        assert [line.rpartition(" ")[0] for line in proxy.lines] == [asked_for]
        # A proxy of an encrypted connection doesn't see the key.
        assert (KEY in proxy.heads[0]) == (tls is None)


@pytest.mark.parametrize("api", APIS)
def test_a_proxy_for_all_kinds_of_servers(tmp_path, api):
    with ModelServer(whole(api, "Hi")) as server, ForwardProxy(server.port) as proxy:
        with AgentHTTP(tmp_path, settings(api, "http://model.invalid:8080"), HTTP_PROXY=proxy.url) as agent:
            assert agent.execute()["response"] == "Hi"
        assert proxy.lines == [f"POST http://model.invalid:8080{PATHS[api]} HTTP/1.1"]


def test_a_proxy_that_wants_to_know_who_asks(tmp_path):
    with ModelServer(whole("openai", "Hi")) as server, ForwardProxy(server.port) as proxy:
        named = proxy.url.replace("http://", "http://ada:pass%40word@")
        with AgentHTTP(tmp_path, settings("openai", "http://model.invalid"), HTTP_PROXY=named) as agent:
            assert agent.execute()["response"] == "Hi"
        expected = base64.b64encode(b"ada:pass@word").decode()
        assert f"proxy-authorization: basic {expected}".lower() in proxy.heads[0].lower()
        assert "proxy-authorization" not in server.request(0).headers


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize("value", ["127.0.0.1", "example.com, 127.0.0.1", "*", "localhost,127.0.0.1,.example.com"])
def test_around_a_proxy(tmp_path, nowhere, name, value):
    """The proxy is nowhere, so who asks it gets no answer."""
    variables = {"HTTP_PROXY": nowhere, "ALL_PROXY": nowhere, name: value}
    with asked(tmp_path, "openai", whole("openai", "Hi"), variables=variables) as (_, agent):
        assert agent.execute()["response"] == "Hi"


@pytest.mark.parametrize("value", ["localhost", "LocalHost", "example.com,localhost ", "localhost:{port}"])
def test_around_a_proxy_by_name(tmp_path, nowhere, value):
    with ModelServer(whole("openai", "Hi")) as server:
        variables = {"HTTP_PROXY": nowhere, "NO_PROXY": value.format(port=server.port)}
        with AgentHTTP(tmp_path, settings("openai", f"http://localhost:{server.port}"), **variables) as agent:
            assert agent.execute()["response"] == "Hi"


@pytest.mark.parametrize("value", ["", "example.com", "27.0.0.1", "127.0.0", "xmodel.invalid", "del.invalid"])
def test_not_around_a_proxy(tmp_path, value):
    with ModelServer(whole("openai", "Hi")) as server, ForwardProxy(server.port) as proxy:
        for base in ("http://model.invalid", server.url):
            variables = {"HTTP_PROXY": proxy.url, "NO_PROXY": value}
            with AgentHTTP(tmp_path, settings("openai", base), **variables) as agent:
                assert agent.execute()["response"] == "Hi"
        assert len(proxy.lines) == 2


def test_a_proxy_of_the_other_kind_and_an_empty_one(tmp_path, nowhere):
    variables = {"HTTPS_PROXY": nowhere, "HTTP_PROXY": "", "ALL_PROXY": ""}
    with asked(tmp_path, "openai", whole("openai", "Hi"), variables=variables) as (_, agent):
        assert agent.execute()["response"] == "Hi"


def test_a_proxy_that_is_not_there(tmp_path, nowhere):
    with asked(tmp_path, "openai", whole("openai", "Hi"), variables={"HTTP_PROXY": nowhere}) as (server, agent):
        assert refused(agent).kind == "unavailable"
        assert server.requests == []


def test_the_password_of_a_proxy_is_not_told(tmp_path, nowhere):
    proxy = nowhere.replace("http://", "http://ada:Zx9-password@")
    with AgentHTTP(tmp_path, settings("openai", "http://model.invalid"), HTTP_PROXY=proxy) as agent:
        assert refused(agent).kind == "unavailable"
        assert "Zx9" not in b"".join(agent.lines).decode() + agent.stderr


def test_an_address_with_a_password(tmp_path, nowhere):
    """It is no place for a key, and isn't repeated."""
    with AgentHTTP(tmp_path, None) as agent:
        with pytest.raises(PluginError) as caught:
            agent.initialize(settings("openai", nowhere.replace("http://", "http://ada:Zx9-password@")))
        assert "baseUrl" in caught.value.message and "Zx9" not in caught.value.text


# Certificates


@pytest.mark.parametrize("api", APIS)
def test_a_certificate_that_is_trusted(tmp_path, api):
    tls = certificate(tmp_path)
    with ModelServer(whole(api, "Hi"), tls=tls) as server:
        for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
            with AgentHTTP(tmp_path, settings(api, url), SSL_CERT_FILE=str(tls[0])) as agent:
                assert agent.execute()["response"] == "Hi"


def test_more_certificates_than_one(tmp_path):
    tls, another = certificate(tmp_path), certificate(tmp_path, "another")
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(another[0].read_bytes() + b"# and\n" + tls[0].read_bytes())
    with ModelServer(whole("openai", "Hi"), tls=tls) as server:
        with AgentHTTP(tmp_path, settings("openai", server.url), SSL_CERT_FILE="bundle.pem") as agent:
            assert agent.execute()["response"] == "Hi"


UNTRUSTED = {
    "nobody knows it": ({}, {}),
    "another is known": ({}, {"SSL_CERT_FILE": "another.crt"}),
    "it is another's": ({"hosts": ["DNS:other.invalid"]}, {"SSL_CERT_FILE": "server.crt"}),
    "no file": ({}, {"SSL_CERT_FILE": "nowhere.crt"}),
    "no certificate": ({}, {"SSL_CERT_FILE": "server.key"}),
}


@pytest.mark.parametrize("name", UNTRUSTED)
def test_a_certificate_that_is_not(tmp_path, name):
    """The server gets no request, so no key."""
    made, variables = UNTRUSTED[name]
    certificate(tmp_path, "another")
    with ModelServer(whole("openai", "Hi"), tls=certificate(tmp_path, **made)) as server:
        with AgentHTTP(tmp_path, settings("openai", server.url), **variables) as agent:
            error = refused(agent)
            assert error.kind == "unavailable"
            assert "certificate" in error.text.lower()
        assert server.requests == []


def test_a_server_that_does_not_encrypt(tmp_path):
    with ModelServer(whole("openai", "Hi")) as server:
        with AgentHTTP(tmp_path, settings("openai", server.url.replace("http", "https"))) as agent:
            assert refused(agent).kind == "unavailable"
        assert server.requests == []
