"""Random operations against a model that is a list, and against a plain fold over the file.

The model says what the talk is after each operation; the fold says what the file makes of it; the host must say both.
"""

import random
import string

import contract
import fold
import pytest
from host import Host
from messages import WireError
from neighbours import at_once

RULES = [
    {"pattern": "fail*", "failure": {"kind": "failed", "message": "The script says so."}},
    {
        "pattern": "dollar*",
        "reply": "That is a tenth.",
        "usage": {
            "input_tokens": 3, "output_tokens": 2,
            "cost": {"amount": 0.1, "currency": "USD", "source": "reported"},
        },
    },
    {
        "pattern": "euro*",
        "reply": "That is little.",
        "tools_used": ["bank"],
        "usage": {
            "input_tokens": 11, "output_tokens": 7, "cached_tokens": 5,
            "cost": {"amount": 0.0007, "currency": "EUR", "source": "estimated"},
        },
    },
    {"pattern": "count*", "reply": "Counted.", "usage": {"input_tokens": 1, "output_tokens": 1}},
    {"pattern": "*", "reply": "Heard: {prompt}"},
]  # fmt: skip

REPLIES = {"dollar": "That is a tenth.", "euro": "That is little.", "count": "Counted."}
ENDED = "(the turn ended without a reply)"


def answer_to(content):
    """What the agent makes of it, as an entry of a talk."""
    word = next((word for word in ["fail", *REPLIES] if content.startswith(word)), None)
    return ENDED if word == "fail" else ("assistant", REPLIES.get(word, f"Heard: {content}"))


class Talk:
    """What one conversation should be: entries are (role, content), or ENDED."""

    def __init__(self, entries=(), is_ended=False):
        self.entries = list(entries)
        self.is_ended = is_ended

    def messages(self):
        return [entry for entry in self.entries if entry is not ENDED]

    def place(self, number):
        """Where the message stands that is that in the history."""
        return [place for place, entry in enumerate(self.entries) if entry is not ENDED][number]

    def cut(self, number):
        """Takes out a message and all behind it."""
        del self.entries[self.place(number) :]

    def retry(self):
        """Whether there is anything to answer again; if so it is."""
        asked = [place for place, entry in enumerate(self.entries) if entry[0] == "user"]
        if not asked:
            return False
        behind = range(asked[-1] + 1, len(self.entries))
        answer = next((n for n in behind if self.entries[n] is ENDED or self.entries[n][0] == "assistant"), None)
        del self.entries[answer if answer is not None else len(self.entries) :]
        self.entries.append(answer_to(self.entries[asked[-1]][1]))
        return True


class Session:
    def __init__(self, store, config, seed):
        self.chance = random.Random(seed)
        self.store, self.config = store, config
        self.talks, self.trash, self.keyed = {}, [], []
        self.made = 0
        self.done = set()
        self.host = None

    def restart(self):
        if self.host is not None:
            self.host.__exit__(None, None, None)
        self.host = Host(self.store, "--durability", "os", config=self.config)

    # What can be done

    def text(self):
        word = self.chance.choice(["fail", "dollar", "euro", "count", "a", "b", "\n \n\tc", "  ", "long " * 50])
        return word + "".join(self.chance.choices(string.ascii_letters + ' "\\\n\tßü–😀', k=self.chance.randrange(8)))

    def id(self):
        return self.chance.choice(list(self.talks))

    def refused(self, kind, call, *arguments, **params):
        with pytest.raises(WireError) as caught:
            call(*arguments, **params)
        assert caught.value.kind == kind
        self.done.add(kind)

    def send(self, id, talk, **params):
        """A send, with or without a turn; what it does to the talk is the caller's where something is replaced."""
        content, role = self.text(), self.chance.choice(["user"] * 5 + ["assistant", "system"])
        params |= {"role": role, "execute": self.chance.random() < 0.7}
        runs = role == "user" and params["execute"]
        if talk.is_ended:
            return self.refused("conversationEnded", self.host.send, id, content, **params)
        replaced = params.get("replaces")
        if replaced is not None:
            messages = self.host.history(id, limit=1000)["messages"]
            number = [message["id"] for message in messages].index(replaced)
            if messages[number]["role"] != role:
                return self.refused("invalidParams", self.host.send, id, content, **params)
            talk.cut(number)
        talk.entries.append((role, content))
        if role == "assistant" and self.chance.random() < 0.5:
            # Whoever stores replies by hand may say what they took.
            params["metadata"] = {"usage": {"input_tokens": 2, "output_tokens": 1}}
        if not runs:
            assert "reply" not in self.host.send(id, content, **params)
            return None
        talk.entries.append(answer_to(content))
        if talk.entries[-1] is ENDED:
            return self.refused("agentFailed", self.host.send, id, content, **params)
        if self.chance.random() < 0.3:
            params["idempotencyKey"] = f"key {self.made}"
            self.made += 1
        sent = self.host.send(id, content, **params)
        assert sent["reply"]["content"] == talk.entries[-1][1]
        if "idempotencyKey" in params:
            self.keyed.append((id, content, params, sent))
        return None

    def do_send(self):
        id = self.id()
        self.send(id, self.talks[id])

    do_send_more = do_send_yet_more = do_send

    def do_replace(self):
        id = self.id()
        messages = self.host.history(id, limit=1000)["messages"]
        if messages:
            self.send(id, self.talks[id], replaces=self.chance.choice(messages)["id"])

    def do_replace_what_is_gone(self):
        id = self.id()
        events = self.host.request("conversation/events", {"conversationId": id, "limit": 1000})["events"]
        there = {message["id"] for message in fold.history(events)}
        gone = [event["id"] for event in events if event["type"] == "message" and event["id"] not in there]
        if not self.talks[id].is_ended:
            name = self.chance.choice([*gone, "msg_none"])
            self.refused("messageNotFound", self.host.send, id, "x", execute=False, replaces=name)

    def do_retry(self):
        id = self.id()
        talk, retry = self.talks[id], lambda: self.host.request("turn/retry", {"conversationId": id})
        if talk.is_ended:
            return self.refused("conversationEnded", retry)
        if not talk.retry():
            return self.refused("messageNotFound", retry)
        if talk.entries[-1] is ENDED:
            return self.refused("agentFailed", retry)
        assert retry()["reply"]["content"] == talk.entries[-1][1]
        return None

    def do_send_again(self):
        """The same key again changes nothing, even where its message has left the history."""
        known = [sent for sent in self.keyed if sent[0] in self.talks and not self.talks[sent[0]].is_ended]
        if known:
            id, content, params, first = self.chance.choice(known)
            before = self.host.file(id).read_bytes()
            again = self.host.send(id, content, **params)
            assert (again["message"], again["reply"]["turnId"]) == (first["message"], again["turnId"])
            assert self.host.file(id).read_bytes() == before

    def do_fork(self):
        id, new = self.id(), f"fork{self.made}"
        self.made += 1
        messages = self.host.history(id, limit=1000)["messages"]
        how = self.chance.choice(["all", "beforeMessageId", "throughMessageId"]) if messages else "all"
        talk = Talk(self.talks[id].messages())
        params = {"conversationId": id, "newConversationId": new}
        if how != "all":
            number = self.chance.randrange(len(messages))
            params[how] = messages[number]["id"]
            del talk.entries[number + (how == "throughMessageId") :]
        made = self.host.request("conversation/fork", params)["conversation"]
        assert (made["usage"], made["messageCount"]) == ({}, len(talk.entries))
        assert made["forkedFrom"]["inherited"] == len(talk.entries)
        self.talks[new] = talk

    def do_end(self):
        id = self.id()
        self.host.request("conversation/end", {"conversationId": id, "reason": self.text()})
        self.talks[id].is_ended = True

    def do_reopen(self):
        ended = [id for id, talk in self.talks.items() if talk.is_ended]
        for id in ended[:2]:
            self.host.request("conversation/reopen", {"conversationId": id})
            self.talks[id].is_ended = False

    def do_update(self):
        names = ["x", "y", "z"]
        # Two of these are also told by what is found out: the later one of both holds.
        told = [*names, "user_sentiment", "tools_used"]
        params = self.chance.choice([
            {"title": self.chance.choice(["", self.text()])},
            {"instructions": self.chance.choice(["", self.text()])},
            {"type": self.chance.choice(["sales", "general", "customer_support"])},
            {"archived": self.chance.random() < 0.5},
            {"addTags": self.chance.sample(names, 2), "removeTags": self.chance.sample(names, 1)},
            {"context": {self.chance.choice(told): self.chance.random()},
             "removeContext": self.chance.sample(told, 1)},
            {"metadata": {self.chance.choice(names): [self.text()]}, "removeMetadata": self.chance.sample(names, 1)},
        ])  # fmt: skip
        for kept, removed in (("context", "removeContext"), ("metadata", "removeMetadata"), ("addTags", "removeTags")):
            if kept in params:
                params[removed] = [name for name in params[removed] if name not in params[kept]]
        self.host.request("conversation/update", {"conversationId": self.id(), **params})

    def do_delete(self):
        if len(self.talks) > 1:
            id = self.id()
            self.host.request("conversation/delete", {"conversationId": id})
            self.trash.append((id, self.talks.pop(id)))
            self.refused("conversationNotFound", self.host.get, id)

    def do_restore(self):
        if self.trash:
            id, talk = self.trash.pop(self.chance.randrange(len(self.trash)))
            self.host.request("conversation/restore", {"conversationId": id})
            self.talks[id] = talk

    def do_carry_over(self):
        """Out as events, gone for good, and in again."""
        id = self.id()
        text = self.host.request("conversation/export", {"conversationId": id, "format": "jsonl"})["text"]
        assert text.encode() == self.host.file(id).read_bytes()
        self.refused("conversationExists", self.host.request, "conversation/import", {"text": text})
        self.host.request("conversation/delete", {"conversationId": id, "purge": True})
        got = self.host.request("conversation/import", {"text": text})
        assert got["imported"]["messages"] == got["conversation"]["messageCount"] == len(self.talks[id].messages())
        assert text.encode() == self.host.file(id).read_bytes()

    # And what is so then

    def check(self):
        for id, talk in self.talks.items():
            events = fold.check(self.host, id)
            assert [(message["role"], message["content"]) for message in fold.history(events)] == talk.messages()
            assert len(fold.turn_ends(events)) == talk.entries.count(ENDED)
            assert ("endTime" in self.host.get(id)) == talk.is_ended

    def run(self, operations):
        doings = [name for name in sorted(dir(self)) if name.startswith("do_")]
        self.restart()
        for number in range(3):
            self.host.start(conversationId=f"c{number}")
            self.talks[f"c{number}"] = Talk()
        for number in range(operations):
            doing = self.chance.choice(doings)
            getattr(self, doing)()
            self.done.add(doing)
            if number % 6 == 5:
                self.check()
            if number % 12 == 11:
                self.restart()
        self.check()
        assert self.done >= {*doings, "agentFailed", "conversationEnded", "messageNotFound", "invalidParams"}


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_the_file_says_it(store, configured, seed):
    session = Session(store, configured(RULES), seed)
    try:
        session.run(170)
    finally:
        session.host.__exit__(None, None, None)


# Two processes at once


def act(host, chance, count, outcomes):
    """Changes one conversation in random ways, on what it has just seen of it."""
    for _ in range(count):
        messages = host.history("c", limit=6)["messages"]
        of_users = [message["id"] for message in messages if message["role"] == "user"]
        content = chance.choice(["fail", "dollar", "euro", "count", "a", "b"]) + chance.choice(["", " more"])
        how = chance.choice(["send", "note", "replace", "replace note", "retry", "system"])
        try:
            if how == "retry":
                host.request("turn/retry", {"conversationId": "c"})
            elif how == "system":
                host.send("c", content, role="system")
            elif how.startswith("replace") and of_users:
                host.send("c", content, replaces=chance.choice(of_users), execute=how == "replace")
            else:
                host.send("c", content, execute=how != "note")
            outcomes.add(how)
        except WireError as error:
            assert error.kind in ("agentFailed", "messageNotFound", "turnInProgress"), error
            outcomes.add(error.kind)


@pytest.mark.parametrize("seed", range(2))
def test_two_processes_replace_and_retry_in_one_conversation(store, configured, seed):
    """They get in each other's way, and agree afterwards, with each other and with the file."""
    config = configured([{**rule, "delay": 0.001} if rule["pattern"] != "*" else rule for rule in RULES])
    chance, outcomes = random.Random(seed), set()
    with (
        Host(store, "--durability", "os", config=config) as one,
        Host(store, "--durability", "os", config=config) as other,
    ):
        one.start(conversationId="c")
        for _ in range(3):
            seeds = [random.Random(chance.random()) for _ in range(2)]
            at_once(
                lambda: act(one, seeds[0], 40, outcomes),
                lambda: act(other, seeds[1], 40, outcomes),
            )
            assert fold.check(one, "c") == fold.check(other, "c")
            with Host(store, config=config) as fresh:
                fold.check(fresh, "c")
    assert outcomes >= {"send", "note", "replace", "replace note", "retry", "system", "agentFailed"}
    assert "superseded" in {event["type"] for event in contract.check_file(store / "conversations" / "c.jsonl")}


def test_a_retry_while_another_process_runs_a_turn(pair):
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "a")
    turn = one.send("c", "hold", wait=False)["turnId"]
    before = one.file("c").read_bytes()
    for when_busy in ("queue", "reject", "interrupt"):
        with pytest.raises(WireError) as caught:
            other.request("turn/retry", {"conversationId": "c", "whenBusy": when_busy})
        assert (caught.value.kind, caught.value.data["owner"]["pid"]) == ("turnInProgress", one.pid)
    with pytest.raises(WireError) as caught:
        other.send("c", "x", execute=False, replaces=one.history("c")["messages"][0]["id"])
    assert (caught.value.kind, caught.value.data["owner"]["pid"]) == ("turnInProgress", one.pid)
    assert one.file("c").read_bytes() == before
    one.request("turn/cancel", {"conversationId": "c", "turnId": turn})
    message = one.history("c")["messages"][-1]
    waiting = other.begin("turn/retry", {"conversationId": "c", "wait": False})
    assert other.expect(waiting)["message"] == message
    other.request("turn/cancel", {"conversationId": "c"})
    fold.check(one, "c")
