"""--deterministic with programs as agents: time stands still while they work, and what they say is told in one way."""

import pytest
from host import run
from messages import call
from plugin_kit import do, serve, stage  # noqa: F401

ROUNDS = 8

PROMPTS = {
    "plugin": ["a", do('error {"code":-1,"message":"No."}'), do("metadata {}", "reply b")],
    "exec": ["a", do("stderr no", "exit 3"), do("reply b", "exit 0")],
}
IN_PIECES = {
    "plugin": [do(*(f"{verb} {number}" for number in range(30) for verb in ("delta", "delta", "thought")), "reply x")],
    "exec": [do(*(f"reply {number} " for number in range(30)), "exit 0")],
}


def session(prompts):
    lines = [call("c", "conversation/start", {"conversationId": "c"})]
    for number, prompt in enumerate(prompts):
        lines.append(call(f"s{number}", "conversation/send", {"conversationId": "c", "content": prompt, "stream": True}))
        lines.append(call(f"e{number}", "agent/execute", {"prompt": prompt, "stream": True}))
    return b"".join(lines)


@pytest.fixture
def rounds(stage, serve, tmp_path):
    """The same input several times, each on a store of its own: what came of it."""

    def go(kind, prompts):
        make = stage.plugin if kind == "plugin" else stage.exec
        serve(make(timeouts={"total": 5}), start=())
        config = tmp_path / "config1" / "parley.json"
        return [
            run(session(prompts), tmp_path / f"round{number}" / "store", "--deterministic", config=config)
            for number in range(ROUNDS)
        ]

    for number in range(ROUNDS):
        (tmp_path / f"round{number}").mkdir()
    return go


@pytest.mark.parametrize("kind", PROMPTS)
def test_no_time_passes_while_a_program_works(rounds, kind):
    """So none is too late, whatever time-out it has."""
    for done in rounds(kind, PROMPTS[kind]):
        kinds = [line.get("error", {}).get("data", {}).get("kind", "") for line in done.lines]
        assert kinds == ["", "", "", "agentFailed", "agentFailed", "", ""]
        assert done.status == 0


@pytest.mark.parametrize("kind", PROMPTS)
@pytest.mark.parametrize("prompts", [PROMPTS, IN_PIECES], ids=["whole", "in pieces"])
def test_the_same_input_gives_the_same_bytes(rounds, kind, prompts):
    """However its pieces happen to come in."""
    done = rounds(kind, prompts[kind])
    assert done[0].notifications and "error" not in done[0].lines[1]
    assert [one.raw == done[0].raw for one in done] == [True] * ROUNDS
