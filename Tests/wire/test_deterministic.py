"""`--deterministic` over real pipes: the same bytes and the same files, however the input comes."""

import random
import shutil
import subprocess

import contract
import pytest
from host import PATIENCE, command, environment, run
from messages import call, line, notice

RULES = [
    {"pattern": "slow*", "reply": "Heard: {prompt}", "delay": 3600},
    {"pattern": "fail*", "failure": {"kind": "failed", "message": "No."}, "delay": 7},
    {"pattern": "long*", "reply": "Never.", "delay": 100_000},
    {"pattern": "*", "reply": "Heard: {prompt}", "usage": {"input_tokens": 2, "output_tokens": 1}},
]


def session():
    """Everything that makes an id, reads a clock, or runs aside."""
    requests = [
        ("conversation/start", {"conversationId": "c"}),
        ("conversation/start", {"title": "made"}),
        ("initialize", {}),
    ]
    for content in ("slow", "fail", "a", "long"):
        requests += [("conversation/send", {"conversationId": "c", "content": content, "idempotencyKey": content})]
    requests += [
        ("turn/retry", {"conversationId": "c"}),
        ("conversation/send", {"conversationId": "c", "content": "slow", "idempotencyKey": "slow"}),
        ("conversation/fork", {"conversationId": "c"}),
        ("conversation/fork", {"conversationId": "conv_000001", "newConversationId": "f"}),
        ("conversation/send", {"conversationId": "f", "content": "note", "execute": False}),
        ("conversation/import", {"conversation": {"messages": [{"role": "user", "content": "x"}]}}),
        ("conversation/export", {"conversationId": "c", "format": "markdown"}),
        ("conversation/export", {"conversationId": "c", "format": "jsonl"}),
        ("store/verify", {"_meta": {"progressToken": 1}}),
        ("conversation/delete", {"conversationId": "f"}),
        ("conversation/send", {"conversationId": "f", "content": "x"}),
        ("conversation/restore", {"conversationId": "f"}),
        ("conversation/delete", {"conversationId": "conv_000001"}),
        ("agent/execute", {"prompt": "slow"}),
        ("conversation/end", {"conversationId": "c"}),
        ("conversation/list", {"count": True}),
        ("store/info", {}),
    ]
    lines = [call(number, method, params) for number, (method, params) in enumerate(requests)]
    lines.append(
        line([contract.parse(call(f"b{n}", "conversation/start", {"conversationId": f"b{n}"})) for n in range(3)])
    )
    lines += [notice("$/cancelRequest", {"id": "nothing"}), b"nonsense\n", b"\n", call("last", "ping")]
    return lines


def files(store):
    return {str(path.relative_to(store)): path.read_bytes() for path in store.rglob("*") if path.is_file()}


def play(store, config, chunks, *options):
    """The chunks, one write each, with the store always at the same place as long as it is in use."""
    process = subprocess.Popen(
        command(store, "--deterministic", *options, config=config),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(store.parent), cwd=store.parent,
    )  # fmt: skip
    for chunk in chunks:
        process.stdin.write(chunk)
        process.stdin.flush()
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, stderr
    return stdout


def in_pieces(data, seed):
    chance = random.Random(seed)
    while data:
        length = chance.choice([1, 2, 7, 100, 5000])
        yield data[:length]
        data = data[length:]


@pytest.mark.parametrize("options", [(), ("--durability", "os"), ("--no-in-order",)], ids=str)
def test_the_same_bytes_and_the_same_files(tmp_path, configured, options):
    """In one write, line by line, and cut anywhere; on stores at different places."""
    config = configured(RULES).name
    whole = b"".join(session())
    seen = []
    for number, chunks in enumerate([[whole], session(), list(in_pieces(whole, 1)), list(in_pieces(whole, 2))]):
        store = tmp_path / f"{'store' * (number + 1)}"
        seen.append((play(store, config, chunks, *options), files(store)))
        assert str(tmp_path).encode() not in b"".join([seen[-1][0], *seen[-1][1].values()])
    for stdout, left in seen[1:]:
        assert stdout == seen[0][0]
        assert left == seen[0][1]
    if "--no-in-order" not in options:
        answers = [contract.parse(text) for text in seen[0][0].splitlines()]
        ids = [answer["id"] for answer in answers if isinstance(answer, dict) and "id" in answer]
        assert ids == [*range(len(ids) - 2), None, "last"]


def test_it_takes_no_time(store, configured):
    """An hour and a day pass in the answers alone."""
    script = call(1, "conversation/start", {"conversationId": "c"})
    script += call(2, "conversation/send", {"conversationId": "c", "content": "slow"})
    done = run(script, store, "--deterministic", config=configured(RULES))
    reply = done.lines[1]["result"]["reply"]
    assert reply["timestamp"].startswith("2026-01-01T01:00:00.")
    assert reply["metadata"]["response_time_ms"] == 3_600_000


def test_a_store_that_has_ids_already(store, configured):
    """Whatever is left of the earlier run, in the trash too, is not given again."""
    config = configured(RULES)
    given = set()
    lines = b"".join([
        call(1, "conversation/start", {}),
        call(2, "conversation/start", {"conversationId": "c", "ifExists": "open"}),
        call(3, "conversation/send", {"conversationId": "c", "content": "a"}),
        call(4, "conversation/send", {"conversationId": "c", "content": "b", "execute": False}),
    ])  # fmt: skip
    for number in range(4):
        done = run(lines, store, "--deterministic", config=config)
        made = done.lines[0]["result"]["conversation"]["id"]
        sent, note = done.lines[2]["result"], done.lines[3]["result"]
        fresh = {made, sent["turnId"], note["message"]["id"]}
        fresh |= {sent["message"]["id"], sent["reply"]["id"], sent["reply"]["metadata"]["execution_id"]}
        assert len(fresh) == 6 and not fresh & given
        given |= fresh
        if number == 1:
            # To the trash and back; what is in the trash meanwhile may come back too.
            for id in ("c", made):
                run(call(1, "conversation/delete", {"conversationId": id}), store, "--deterministic")
            again = run(lines, store, "--deterministic", config=config).lines
            run(call(1, "conversation/delete", {"conversationId": "c"}), store, "--deterministic")
            min(store.glob("trash/c~*"), key=lambda path: path.stat().st_size).unlink()
            assert "result" in again[0]
            back = run(call(1, "conversation/restore", {"conversationId": "c"}), store, "--deterministic")
            assert back.lines[0]["result"]["conversation"]["messageCount"] == 6
    ids = [
        event["id"] for event in contract.check_file(store / "conversations" / "c.jsonl") if event["type"] == "message"
    ]
    assert len(ids) == len(set(ids)) == 12


def test_continuing_gives_the_same_as_well(tmp_path, configured):
    """The second half of a session on a copy of the first half's store."""
    config = configured(RULES)
    first, second = session()[:8], session()[8:]
    one = tmp_path / "one"
    play(one, config, first)
    seen = []
    for name in ("two", "three"):
        shutil.copytree(one, tmp_path / name)
        seen.append((play(tmp_path / name, config, in_pieces(b"".join(second), name)), files(tmp_path / name)))
    assert seen[0] == seen[1]
