"""The same idempotency key again: whatever died or ran in between, there is one message and one reply to it."""

import random
import time

import contract
import fold
import pytest
from host import Host
from messages import WireError
from neighbours import at_once

ANSWERING = [{"pattern": "*", "reply": "Heard: {prompt}"}]
HOLDING = [{"pattern": "*", "reply": "At last.", "delay": 3600}]


def kind_and_data(call, *arguments, **params):
    with pytest.raises(WireError) as caught:
        call(*arguments, **params)
    return caught.value.kind, caught.value.data


def configuration(configured, tmp_path, name, rules):
    """As `configured`, but several can be had at once."""
    path = configured(rules)
    folder = tmp_path / name
    folder.mkdir()
    for file in (path, tmp_path / "demo.json"):
        file.rename(folder / file.name)
    return folder / path.name


@pytest.fixture
def two(store, configured, tmp_path):
    """Two hosts on one store with the conversation `c`: the agent of the first never answers, the other's does."""
    with (
        Host(store, config=configuration(configured, tmp_path, "holding", HOLDING)) as one,
        Host(store, config=configuration(configured, tmp_path, "answering", ANSWERING)) as other,
    ):
        one.start(conversationId="c")
        yield one, other
        for host in (one, other):
            if host.process.returncode is None:
                host.stop()


def pairs(path):
    """(key, reply) of each question in the history, which must be followed by its one reply."""
    messages = fold.history(contract.check_file(path))
    questions, replies = messages[::2], messages[1::2]
    assert len(questions) == len(replies)
    for question, reply in zip(questions, replies):
        assert (question["role"], reply["role"]) == ("user", "assistant")
    return [(question["idempotencyKey"], reply["content"]) for question, reply in zip(questions, replies)]


@pytest.mark.parametrize("durability", ["fsync", "os"])
def test_killed_at_any_moment_and_sent_again(store, configured, durability):
    """The moment of the kill moves over all of a send, from before it is read to after it is answered."""
    rounds = 40
    chance = random.Random(durability)
    rules = [{"pattern": "slow*", "reply": "Heard: {prompt}", "delay": 0.002}, *ANSWERING]
    config = configured(rules)
    acknowledged = {}

    def begin(host, number):
        content = f"{'slow' if number % 2 else 'quick'} {number}"
        return host.begin_send("c", content, idempotencyKey=f"key {number}")

    with Host(store, "--durability", durability, config=config) as host:
        host.start(conversationId="c")
    for number in range(rounds):
        with Host(store, "--durability", durability, config=config) as host:
            if number:
                answer = host.expect(begin(host, number - 1))
                first = acknowledged.get(number - 1, answer)
                assert (answer["message"], answer["reply"]) == (first["message"], first["reply"])
            host.request("ping")
            waiting = begin(host, number)
            moment = time.perf_counter() + chance.uniform(0, 0.008)
            while time.perf_counter() < moment:
                pass
            host.kill()
            if host.has_answered(waiting):
                acknowledged[number] = host.expect(waiting)
    with Host(store, config=config) as host:
        host.expect(begin(host, rounds - 1))
        fold.check(host, "c")
    expected = [(f"key {n}", f"Heard: {'slow' if n % 2 else 'quick'} {n}") for n in range(rounds)]
    assert pairs(store / "conversations" / "c.jsonl") == expected


def test_the_same_key_from_two_processes_at_once(pair):
    """Whoever is first sends it; the other gets the same answer."""
    one, other = pair
    one.start(conversationId="c")
    answers = {host: [] for host in pair}

    def ask(host):
        waiting = [host.begin_send("c", f"text {number}", idempotencyKey=f"key {number}") for number in range(150)]
        answers[host] += [host.expect(id) for id in waiting]

    at_once(lambda: ask(one), lambda: ask(other))
    for ours, theirs in zip(answers[one], answers[other]):
        assert (ours["message"], ours["reply"]) == (theirs["message"], theirs["reply"])
    found = pairs(one.file("c"))
    assert sorted(found) == sorted((f"key {number}", f"Heard: text {number}") for number in range(150))


def test_a_note_with_a_key_from_two_processes_at_once(pair):
    one, other = pair
    one.start(conversationId="c")
    answers = {host: [] for host in pair}

    def note(host):
        for number in range(150):
            role = ["user", "assistant", "system"][number % 3]
            params = {"execute": False, "role": role, "idempotencyKey": f"key {number}"}
            answers[host].append(host.send("c", f"text {number}", **params)["message"])

    at_once(lambda: note(one), lambda: note(other))
    assert answers[one] == answers[other] == contract.check_file(one.file("c"))[1:]


def test_it_waits_for_the_turn_of_another_process(store, configured):
    config = configured([{"pattern": "slow", "reply": "Here.", "delay": 0.5}])
    with Host(store, config=config) as one, Host(store, config=config) as other:
        one.start(conversationId="c")
        first = one.begin_send("c", "slow", idempotencyKey="k")
        assert len(one.get("c")["turns"]) == 1
        second = other.begin_send("c", "slow", idempotencyKey="k")
        ours, theirs = one.expect(first), other.expect(second)
        assert ours == theirs and ours["reply"]["content"] == "Here."
    types = [event["type"] for event in contract.check_file(store / "conversations" / "c.jsonl")]
    assert types == ["started", "message", "message", "insight"]


def test_it_may_refuse_to_wait_for_another_process(two):
    one, other = two
    turn = one.send("c", "q", idempotencyKey="k", wait=False)
    kind, data = kind_and_data(other.send, "c", "q", idempotencyKey="k", whenBusy="reject")
    assert (kind, data["owner"]["pid"], data["conversationId"]) == ("turnInProgress", one.pid, "c")
    assert one.get("c")["turns"][0]["turnId"] == turn["turnId"]


def test_without_waiting_it_is_answered_while_another_process_runs_the_turn(two):
    """The message is stored, and that is all that was asked for."""
    one, other = two
    sent = one.send("c", "q", idempotencyKey="k", wait=False)
    again = other.send("c", "q", idempotencyKey="k", wait=False)
    assert (again["message"], again["turnId"]) == (sent["message"], sent["turnId"])


def test_it_waits_for_a_process_that_dies(two):
    """Then the turn was interrupted, and a new one begins on the message that is there."""
    one, other = two
    sent = one.send("c", "q", idempotencyKey="k", wait=False)
    waiting = other.begin_send("c", "q", idempotencyKey="k")
    assert other.request("ping") == {}
    assert not other.has_answered(waiting)
    one.kill()
    answer = other.expect(waiting)
    assert (answer["message"], answer["reply"]["content"]) == (sent["message"], "Heard: q")
    assert answer["turnId"] != sent["turnId"]
    assert pairs(other.file("c")) == [("k", "Heard: q")]
    fold.check(other, "c")


def end_by_failing(one, configured, tmp_path):
    failing = configuration(
        configured, tmp_path, "failing", [{"pattern": "*", "failure": {"kind": "failed", "message": "No."}}]
    )
    with Host(one.store, config=failing) as host:
        assert kind_and_data(host.send, "c", "q", idempotencyKey="k")[0] == "agentFailed"


def end_by_cancelling(one, *_):
    one.send("c", "q", idempotencyKey="k", wait=False)
    one.request("turn/cancel", {"conversationId": "c"})


def end_by_dying(one, *_):
    one.send("c", "q", idempotencyKey="k", wait=False)
    one.kill()


@pytest.mark.parametrize("end", [end_by_failing, end_by_cancelling, end_by_dying])
def test_after_a_turn_without_a_reply_a_new_one_begins_on_the_message(two, configured, tmp_path, end):
    one, other = two
    end(one, configured, tmp_path)
    (question,) = other.history("c")["messages"]
    answers = [other.send("c", "q", idempotencyKey="k") for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["message"], answers[0]["reply"]["content"]) == (question, "Heard: q")
    assert pairs(other.file("c")) == [("k", "Heard: q")]
    assert fold.apart_from_insight(fold.check(other, "c"))[-1] == answers[0]["reply"]


def test_after_a_turn_without_a_reply_two_processes_at_once(store, configured):
    """Both want a new turn on the message; one of them begins it."""
    config = configured()
    for number in range(20):
        with Host(
            store, config=configured([{"pattern": "*", "failure": {"kind": "failed", "message": "No."}}])
        ) as host:
            host.start(conversationId=f"c{number}")
            kind_and_data(host.send, f"c{number}", "q", idempotencyKey="k")
    configured()
    with Host(store, config=config) as one, Host(store, config=config) as other:
        waiting = {
            host: [host.begin_send(f"c{n}", "q", idempotencyKey="k") for n in range(20)] for host in (one, other)
        }
        for number in range(20):
            answers = [host.expect(ids[number]) for host, ids in waiting.items()]
            assert answers[0]["reply"] == answers[1]["reply"]
            assert pairs(one.file(f"c{number}")) == [("k", "Heard: q")]


CHANGES = {
    "content": {"content": "other"},
    "role": {"role": "system"},
    "no turn": {"execute": False},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_same_key_with_something_else(pair, change):
    """Refused, by whatever process and in whatever state the first one's turn is."""
    one, other = pair
    one.start(conversationId="c")
    same = {"content": "a", "idempotencyKey": "done", **change}
    message = one.send("c", "a", idempotencyKey="done")["message"]
    one.send("c", "hold", idempotencyKey="running", wait=False)
    for host in pair:
        kind, data = kind_and_data(host.send, "c", **same)
        assert (kind, data["conversationId"], data["messageId"]) == ("idempotencyConflict", "c", message["id"])
        running = {**same, "idempotencyKey": "running", "content": same["content"].replace("a", "hold")}
        assert kind_and_data(host.send, "c", **running)[0] == "idempotencyConflict"
    assert one.get("c")["messageCount"] == 3
