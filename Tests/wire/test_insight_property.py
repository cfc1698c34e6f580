"""However a conversation came to be, whoever is asked tells the same of it: what its history makes of it.

Random conversations in two hosts on one store. What both tell is held against the oracle, and against hosts that were
opened just now: on the same files, on files without anything that was found out, on files whose checkpoints are of no
use, and with other words.
"""

import json
import random
import shutil
import unicodedata

import contract
import fold
import insight
import pytest
from host import Host
from messages import WireError

RULES = [
    {"pattern": "fail*", "failure": {"kind": "failed", "message": "The script says so."}},
    {"pattern": "tools*", "reply": "Done: {prompt}", "tools_used": ["search", "mail"]},
    {"pattern": "bank*", "reply": "I escalate this.", "tools_used": ["bank", "mail"]},
    {"pattern": "short*", "reply": "Hm."},
    {"pattern": "*", "reply": "Heard: {prompt}"},
]
MONEY = [
    "$5,000", "5k", "\u20ac300/month", "500 USD", "between $5k and $10k", "5-10k", "3 million", "1,50 \u20ac", "CHF 5'000",
    "\u00a320 per week", "$2m", "50 users", "5k users", "2m", "24/7", "5.000 \u20ac", "usd 500", "$99.99", "20 pounds sterling",
]  # fmt: skip
FILLERS = ["hello", "\u0000", "\U0001f600", "\n", "weiß", "x" * 3000, "–", '"\\', "é"]


def leaves(words):
    """All words of a list that are looked for anywhere in a message."""
    parts = [words["sentiment"]["negative"], words["sentiment"]["positive"], words["escalation"]["words"]]
    parts += [words["products"], words["stage"]["features"], words["stage"]["price"], *words["topics"].values()]
    parts += [*words["replies"].values(), words["budget"]["words"]]
    return [word for part in parts for word in part]


WORDS = leaves(insight.BUILT_IN) + leaves(insight.GERMAN)
CHANGES = [
    str, str.upper, str.swapcase, str.title, lambda word: unicodedata.normalize("NFD", word), lambda word: f"un{word}ly",
    lambda word: unicodedata.normalize("NFD", word.upper()), lambda word: word.replace("\u00df", "\u1e9e"),
    lambda word: word[:-1], lambda word: word[:1] + "\u0000" + word[1:],
]  # fmt: skip


def text(chance):
    """A message: mostly what is looked for, written in some way, and what only looks like it."""
    parts = [chance.choice(["fail", "tools", "bank", "short"])] if chance.random() < 0.3 else []
    for _ in range(chance.choice([0, 1, 1, 2, 3, 6])):
        how = chance.random()
        if how < 0.6:
            parts.append(chance.choice(CHANGES[:1] * 8 + CHANGES)(chance.choice(WORDS)))
        elif how < 0.8:
            parts.append(f"we pay {chance.choice(MONEY)} for it.")
        else:
            parts.append(chance.choice(FILLERS))
    return " ".join(parts)


class Session:
    def __init__(self, folder, config, seed):
        self.chance = random.Random(seed)
        self.folder, self.store, self.config = folder, folder / "store", config
        self.hosts = [self.open(), self.open()]
        self.ids, self.made = [], 0
        self.done = set()

    def open(self, store=None, config=None):
        return Host(store or self.store, "--durability", "os", config=config or self.config)

    def close(self):
        for host in self.hosts:
            host.__exit__(None, None, None)

    @property
    def host(self):
        return self.chance.choice(self.hosts)

    def id(self):
        return self.chance.choice(self.ids)

    def messages(self, id):
        return fold.history(fold.read(self.hosts[0].file(id)))

    # What can be done

    def ask(self, host, method, **params):
        """A request that may open a turn. The other host may hold the last turn's lock for a moment yet."""
        while True:
            try:
                return host.request(method, params)
            except WireError as error:
                if error.kind != "turnInProgress":
                    assert error.kind in ("agentFailed", "messageNotFound")
                    self.done.add(error.kind)
                    return None

    def send(self, host, id, **params):
        self.ask(host, "conversation/send", conversationId=id, content=text(self.chance), **params)

    def do_turn(self):
        self.send(self.host, self.id())

    do_another_turn = do_turn

    def do_note(self):
        metadata = {"tools_used": ["by hand"]} if self.chance.random() < 0.2 else {}
        role = self.chance.choice(["user", "assistant", "system"])
        self.send(self.host, self.id(), role=role, execute=False, metadata=metadata)

    do_another_note = do_note

    def do_many_notes(self):
        """Sometimes so many that something is written of them on the way."""
        id, host = self.id(), self.host
        params = [
            {"role": self.chance.choice(["user", "assistant"]), "execute": False}
            for _ in range(self.chance.choice([5, 20, 300]))
        ]
        for asked in [host.begin_send(id, text(self.chance), **each) for each in params]:
            host.expect(asked)

    def do_edit(self):
        id = self.id()
        if messages := self.messages(id)[-self.chance.choice([4, 20, 1000]) :]:
            message = self.chance.choice(messages)
            runs = self.chance.random() < 0.6
            self.send(self.host, id, role=message["role"], replaces=message["id"], execute=runs)

    def do_retry(self):
        agents = self.chance.choice([{}, {"agentId": "echo"}])
        self.ask(self.host, "turn/retry", conversationId=self.id(), **agents)

    def do_fork(self):
        id, new = self.id(), f"f{self.made}"
        self.made += 1
        params = {"conversationId": id, "newConversationId": new}
        if (messages := self.messages(id)) and self.chance.random() < 0.7:
            how = self.chance.choice(["beforeMessageId", "throughMessageId"])
            params[how] = self.chance.choice(messages)["id"]
        self.host.request("conversation/fork", params)
        self.ids = [*self.ids, new][-4:]

    def do_update(self):
        changes = {"type": self.chance.choice(insight.TYPES), "metadata": {"n": self.chance.randrange(9)}}
        self.host.request("conversation/update", {"conversationId": self.id(), **changes})

    def do_restart(self):
        """A host that leaves, or is killed, and a new one."""
        old = self.hosts.pop(self.chance.randrange(2))
        if self.chance.random() < 0.5:
            old.kill()
        old.__exit__(None, None, None)
        self.hosts.append(self.open())

    # And what is told then

    def compare(self, host, words=insight.BUILT_IN):
        for id in self.ids:
            insight.check(host, id, words, prompts=(None, text(self.chance)))
            if words is insight.BUILT_IN:
                events = fold.read(host.file(id))
                assert host.get(id)["context"].get("tools_used", []) == insight.tools_used(events)

    def copy(self, change):
        """A store of its own with the events as they are after a change."""
        self.made += 1
        store = self.folder / f"copy{self.made}"
        for file in sorted(self.store.glob("conversations/*.jsonl")):
            new = store / "conversations" / file.name
            new.parent.mkdir(parents=True, exist_ok=True)
            lines = [json.dumps(event, ensure_ascii=False) for event in change(fold.read(file))]
            new.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="")
        return store

    def without(self, gone):
        """A change of events: those are not there, and the others are numbered as if they had never been."""

        def change(events):
            left = [event for event in events if not gone(event)]
            number = {event["seq"]: place for place, event in enumerate(left)}
            for event in left:
                event["seq"] = number[event["seq"]]
                if "fromSeq" in event:
                    event["fromSeq"] = number[event["fromSeq"]]
                if "checkpoint" in event:
                    kept = event["checkpoint"]
                    kept["throughSeq"] = event["seq"] - 1
                    if "budgetSeqs" in kept:
                        kept["budgetSeqs"] = [number[seq] for seq in kept["budgetSeqs"]]
            return left

        return change

    def spoilt(self, events):
        """Checkpoints that are missing, or of other words, or in events that nobody knows."""
        for event in events:
            if event["type"] == "insight":
                how = self.chance.randrange(5)
                if how == 0:
                    del event["checkpoint"]
                elif how == 1:
                    event["checkpoint"]["wordsHash"] = "0" * 16
                elif how == 2:
                    event["type"] = "insight2"
        return events

    def check_everywhere(self, german):
        for host in self.hosts:
            self.compare(host)
        with self.open() as fresh:
            self.compare(fresh)
        for change, config, words in [
            (self.without(lambda event: event["type"] == "insight"), self.config, insight.BUILT_IN),
            (
                self.without(lambda event: event["type"] == "insight" and self.chance.random() < 0.5),
                self.config,
                insight.BUILT_IN,
            ),
            (self.spoilt, self.config, insight.BUILT_IN),
            (list, german, insight.GERMAN),
        ]:
            store = self.copy(change)
            with Host(store, config=config, strict=False) as host:
                self.compare(host, words)
                for id in self.ids:
                    self.send(host, id, execute=self.chance.random() < 0.8)
                self.compare(host, words)
            self.check_last(store, words)
            shutil.rmtree(store)

    def check_last(self, store, words):
        """Where a turn was the last that happened, what stands behind it is right."""
        for id in self.ids:
            events = fold.read(store / "conversations" / f"{id}.jsonl")
            if events[-1]["type"] == "insight":
                told = insight.found(fold.history(events), words)
                assert {name: events[-1]["context"][name] for name in insight.ALWAYS} == {
                    name: told[name] for name in insight.ALWAYS
                }

    def check_often_enough(self, events):
        """Of no more than 256 messages nothing is written; what came along into a fork came at once."""
        without = 0
        for event in events[events[0].get("forkedFrom", {}).get("inherited", 0) + 1 :]:
            without = 0 if event["type"] == "insight" else without + (event["type"] == "message")
            assert without <= 256, f"seq {event['seq']}"

    def run(self, operations, german):
        doings = [name for name in sorted(dir(self)) if name.startswith("do_")]
        for number, type in enumerate(insight.TYPES):
            self.hosts[0].start(conversationId=f"c{number}", type=type, agentId="demo")
            self.ids.append(f"c{number}")
        for number in range(operations):
            doing = self.chance.choice(doings)
            getattr(self, doing)()
            self.done.add(doing)
            if number % 5 == 4:
                self.compare(self.host)
            if number % 30 == 29:
                self.check_everywhere(german)
        self.check_everywhere(german)
        for file in sorted(self.store.glob("conversations/*.jsonl")):
            events = contract.check_file(file)
            insight.check_events(events)
            self.check_often_enough(events)
        assert self.done >= {*doings, "agentFailed"}


@pytest.mark.parametrize("seed", range(4))
def test_everybody_tells_what_the_history_makes_of_it(tmp_path, store, configured, seed):
    german = tmp_path / "german.json"
    agents = {"demo": {"kind": "scripted", "script": "demo.json"}}
    words = {"words": str(insight.GERMAN_FILE)}
    german.write_text(json.dumps({"agents": agents, "defaultAgent": "demo", "insight": words}))
    session = Session(tmp_path, configured(RULES), seed)
    try:
        session.run(90, german)
    finally:
        session.close()
