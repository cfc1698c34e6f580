"""Branches of conversations: of big ones while others are served, of branches, and what they count."""

import json
import random
import time

import contract
import fold
import pytest
from host import Host
from messages import WireError, call, line

COUNT = 30_000


def event(seq, **members):
    return json.dumps({"seq": seq, **members}, separators=(",", ":")).encode() + b"\n"


def long_file(path, count, id="big"):
    """A conversation of so many messages, every other one a reply that cost something."""
    time = "2026-03-01T09:00:00.000Z"
    context = {"user_preferences": {}, "conversation_state": "active", "custom_data": {}}
    head = {"id": id, "userId": "u", "agentId": "echo", "type": "general", "metadata": {}, "context": context}
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(event(0, type="started", timestamp=time, format=1, conversation=head))
        for seq in range(1, count + 1):
            turn = f"turn_{(seq + 1) // 2}"
            members = {"type": "message", "id": f"msg_{seq}"}
            rest = {"turnId": turn, "timestamp": time, "content": f"text {seq}", "metadata": {}}
            if seq % 2:
                file.write(event(seq, **members, role="user", **rest))
            else:
                usage = {"input_tokens": 2, "output_tokens": 1}
                rest["metadata"] = {
                    "execution_id": "exec_1", "agent_id": "echo", "tokens_used": 3, "response_time_ms": 0,
                    "tools_used": [], "usage": usage,
                }  # fmt: skip
                file.write(event(seq, **members, role="assistant", **rest))
    return path


@pytest.fixture
def wide(tmp_path):
    """A store of its own: holding each of so many lines to the schema would take longer than all else here."""
    return tmp_path / "wide"


@pytest.fixture
def big(wide):
    return long_file(wide / "conversations" / "big.jsonl", COUNT)


def fork(host, id, **params):
    return host.request("conversation/fork", {"conversationId": id, **params})["conversation"]


def test_a_big_one_holds_nobody_up(wide, big):
    """Nor does the request for it on the id that is new: that waits until it is there."""
    with Host(wide, "--durability", "os") as host:
        host.start(conversationId="d")
        for id, after in (("opened by it", []), ("open already", ["big"])):
            for each in after:
                host.get(each)
            new = {"conversationId": "big", "newConversationId": f"n{len(after)}"}
            send = {"conversationId": new["newConversationId"], "content": "hi"}
            before = len(host.lines)
            host.send_raw(
                call("fork", "conversation/fork", new) + call("hi", "conversation/send", send)
                + call("ping", "ping") + call("other", "conversation/send", {"conversationId": "d", "content": "x"})
            )  # fmt: skip
            assert host.expect("hi")["reply"]["content"] == "You said: hi"
            assert host.expect("fork")["conversation"]["messageCount"] >= COUNT
            assert host.expect("ping") == {} and host.expect("other")["reply"]
            order = [contract.parse(text)["id"] for text in host.lines[before:]]
            assert order == ["ping", "other", "fork", "hi"], id
    events = fold.read(wide / "conversations" / "n1.jsonl")
    # What came along, the send and its reply, and what was found out.
    assert len(events) == COUNT + 4 and len(fold.apart_from_insight(events)) == COUNT + 3


def test_in_one_batch_with_what_needs_it(wide, big):
    with Host(wide, "--durability", "os") as host:
        requests = [
            (
                "fork",
                "conversation/fork",
                {"conversationId": "big", "newConversationId": "n", "throughMessageId": "msg_20000"},
            ),
            ("again", "conversation/fork", {"conversationId": "big", "newConversationId": "n"}),
            ("start", "conversation/start", {"conversationId": "n", "ifExists": "open"}),
            ("send", "conversation/send", {"conversationId": "n", "content": "hi"}),
            ("of it", "conversation/fork", {"conversationId": "n", "newConversationId": "m"}),
            ("there", "conversation/history", {"conversationId": "m", "limit": 2}),
            ("end", "conversation/end", {"conversationId": "n"}),
        ]
        host.send_raw(
            line([{"jsonrpc": "2.0", "id": id, "method": method, "params": params} for id, method, params in requests])
        )
        answers = {answer["id"]: answer for answer in host.next()}
        assert answers.pop("again")["error"]["data"]["kind"] == "conversationExists"
        assert [id for id, answer in answers.items() if "error" in answer] == []
        assert answers["fork"]["result"]["conversation"]["messageCount"] == 20_000
        assert [message["content"] for message in answers["there"]["result"]["messages"]] == ["hi", "You said: hi"]
        assert answers["there"]["result"]["total"] == 20_002
        assert "endTime" not in host.get("m")


def messages_of(file):
    return [json.loads(text) for text in file.read_bytes().splitlines()[1:]]


def test_the_whole_of_it_comes_along(wide, big):
    """With the ids and times that it had, without turns, and without being counted twice."""
    with Host(wide, "--durability", "os") as host:
        made = fork(host, "big", newConversationId="n", beforeMessageId="msg_29999")
        assert made["forkedFrom"] == {"conversationId": "big", "seq": 29_998, "inherited": 29_998}
        assert (made["usage"], made["messageCount"], made["title"]) == ({}, 29_998, "text 1")
        assert host.get("big")["usage"] == {"input_tokens": COUNT, "output_tokens": COUNT // 2}
        ours, theirs = messages_of(host.file("n")), messages_of(big)[:-2]
        for message in theirs:
            del message["turnId"]
        assert ours == theirs
        assert fork(host, "n", newConversationId="m")["messageCount"] == 29_998
        assert host.file("m").read_bytes().split(b"\n")[1:] == host.file("n").read_bytes().split(b"\n")[1:]


def test_killed_while_it_forks(wide):
    """Then there is no such conversation, or it is whole; and its id is free to be used, or taken."""
    count = 2_000
    long_file(wide / "conversations" / "big.jsonl", count)
    chance = random.Random(3)
    with Host(wide, "--durability", "os") as host:
        host.get("big")
        begun = time.perf_counter()
        fork(host, "big")
        taken = time.perf_counter() - begun
    for number in range(12):
        with Host(wide, "--durability", "os") as host:
            host.get("big")
            waiting = host.begin("conversation/fork", {"conversationId": "big", "newConversationId": f"n{number}"})
            moment = time.perf_counter() + chance.uniform(0, 4 * taken)
            while time.perf_counter() < moment:
                pass
            host.kill()
            acknowledged = host.has_answered(waiting)
        is_there = (wide / "conversations" / f"n{number}.jsonl").exists()
        assert is_there or not acknowledged
        with Host(wide, "--durability", "os") as host:
            page = host.request("conversation/list", {"limit": 1000})
            assert len(page["conversations"]) == len(list(wide.glob("conversations/*.jsonl")))
            assert page["unreadable"] == 0
            if is_there:
                assert host.get(f"n{number}")["messageCount"] == count
                (wide / "conversations" / f"n{number}.jsonl").unlink()
            else:
                host.start(conversationId=f"n{number}")


def test_forks_of_forks_and_what_they_count(store, configured):
    """Each counts what was used in it, and nothing that came along; a replaced message counts where it was sent."""
    rules = [{"pattern": "*", "reply": "{prompt}!", "usage": {"input_tokens": 1, "output_tokens": 1,
              "cost": {"amount": 0.1, "currency": "USD", "source": "reported"}}}]  # fmt: skip
    with Host(store, config=configured(rules)) as host:
        host.start(conversationId="c0", title="t", tags=["x"], metadata={"m": 1}, instructions="Be kind.")
        host.send("c0", "zero")
        for depth in range(1, 6):
            host.send(f"c{depth - 1}", "dropped", idempotencyKey="dropped")
            last = host.history(f"c{depth - 1}")["messages"][-2]
            host.send(f"c{depth - 1}", f"{depth}", replaces=last["id"])
            host.request("conversation/end", {"conversationId": f"c{depth - 1}"})
            made = fork(host, f"c{depth - 1}", newConversationId=f"c{depth}")
            assert made["forkedFrom"]["inherited"] == made["messageCount"] == 4 * depth
            assert (made["usage"], made["title"], made["tags"], made["instructions"]) == ({}, "t", ["x"], "Be kind.")
            assert "endTime" not in made and made["metadata"] == {"m": 1}
            # A key is the parent's.
            assert host.send(f"c{depth}", "own", idempotencyKey="k")["reply"]["content"] == "own!"
            cost = {"amount": 0.1, "currency": "USD", "source": "reported"}
            assert host.get(f"c{depth}")["usage"] == {"input_tokens": 1, "output_tokens": 1, "costs": [cost]}
            host.send(f"c{depth}", "more")
            # A retry of what came along is its own.
            own = [message["id"] for message in host.history(f"c{depth}")["messages"]][made["messageCount"] :]
            through = host.history(f"c{depth}")["messages"][made["messageCount"] - 1]["id"]
            side = fork(host, f"c{depth}", throughMessageId=through)["id"]
            host.request("turn/retry", {"conversationId": side})
            assert host.get(side)["usage"]["input_tokens"] == 1
            assert host.history(side)["total"] == made["messageCount"] and own
            fold.check(host, side)
            host.send(f"c{depth}", "and", execute=False, replaces=own[0])
            host.request("turn/retry", {"conversationId": f"c{depth}"})
            fold.check(host, f"c{depth}")
        total = sum(host.get(f"c{depth}")["usage"]["input_tokens"] for depth in range(6))
        sent = sum(
            sum(
                event.get("role") == "assistant" and "turnId" in event
                for event in contract.check_file(host.file(f"c{depth}"))
            )
            for depth in range(6)
        )
        assert total == sent


def test_two_processes_fork_the_same_and_send_to_it(pair):
    """An id is given once; a fork holds what was there at its moment, whole."""
    one, other = pair
    one.start(conversationId="c")
    outcomes = []
    for number in range(15):
        for host in pair:
            host.begin_send("c", f"{host.pid} {number}", execute=False)
        ids = [
            host.begin("conversation/fork", {"conversationId": "c", "newConversationId": f"f{number}"}) for host in pair
        ]
        outcomes.append([host.answer(id) for host, id in zip(pair, ids)])
    for number, answers in enumerate(outcomes):
        kinds = [answer.get("error", {}).get("data", {}).get("kind") for answer in answers]
        assert sorted(kinds, key=str) == [None, "conversationExists"] or sorted(kinds, key=str) == [
            "conversationExists",
            None,
        ]
        events = contract.check_file(one.file(f"f{number}"))
        parent = contract.check_file(one.file("c"))[1 : len(events)]
        for event in parent:
            event.pop("turnId", None)
        assert events[1:] == parent
        fold.check(other, f"f{number}")


def test_a_fork_of_what_is_not_there(pair):
    one, other = pair
    one.start(conversationId="c")
    message = one.send("c", "a")["message"]["id"]
    other.start(conversationId="d")
    for params, kind in [
        ({"conversationId": "none"}, "conversationNotFound"),
        ({"conversationId": "c", "throughMessageId": "msg_none"}, "messageNotFound"),
        ({"conversationId": "d", "throughMessageId": message}, "messageNotFound"),
        ({"conversationId": "c", "newConversationId": "d"}, "conversationExists"),
        ({"conversationId": "c", "newConversationId": "c"}, "conversationExists"),
    ]:
        for host in pair:
            with pytest.raises(WireError) as caught:
                host.request("conversation/fork", params)
            assert caught.value.kind == kind
    assert len(list(one.store.glob("conversations/*"))) == 2
