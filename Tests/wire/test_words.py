"""Words of one's own: `insight.words` in the config, in whole or in part, and what is said of one with a mistake."""

import json
import subprocess
import unicodedata

import contract
import fold
import insight
import pytest
from host import PATIENCE, Host, command, environment


@pytest.fixture
def worded(store, configured, tmp_path):
    """A host with these words, as a context manager."""

    def host(own, *options):
        (tmp_path / "words.json").write_text(own if isinstance(own, str) else json.dumps(own))
        return Host(store, *options, config=configured(more={"insight": {"words": "words.json"}}))

    return host


def say(host, id, *contents):
    for content in contents:
        host.send(id, content, execute=False)


WHOLE = {
    "sentiment": {"negative": ["broken", "slow"], "positive": ["lovely"], "lastMessages": 2},
    "escalation": {"words": ["lawyer"], "overMessages": 3},
    "issues": {"lastMessages": 3},
    "products": ["Starter", "Team", "Campus"],
    "stage": {"features": ["room"], "price": ["fee"], "fromMessages": 2},
    "topics": {"shipping": ["parcel"], "returns": ["refund", "send back"]},
    "mood": {"lastMessages": 3, "highOver": 1, "engagedOver": 4},
    "replies": {"escalation": ["heard: help"], "followup": ["heard: later"]},
    "budget": {
        "words": ["purse"],
        "currencies": {"XXX": ["coins"]},
        "decimal": ";",
        "groups": ["_"],
        "multipliers": {"dozen": 12},
        "multipliersWithCurrency": {"q": 0.5},
        "periods": {"moon": ["moon"]},
        "periodMarks": ["every"],
        "rangeMarks": ["~"],
        "between": {"betwixt": "or"},
        "things": ["eggs"],
    },
}
SPOKEN = [
    "lovely team of the manager", "a broken, slow thing in the parcel", "12_000 coins every moon, my purse", "2 dozen eggs",
    "2 dozen", "1~2 coins", "betwixt 1 or 2 dozen", "help, what fee?", "later, 1;5 q coins", "the campus and the starter",
]  # fmt: skip
PARTS = [{}, {"products": ["Starter"]}] + [
    {name: {inner: value} if name != "topics" else WHOLE[name]}
    for name, members in WHOLE.items()
    for inner, value in (members.items() if isinstance(members, dict) else [])
]


def speak(host, words):
    """A conversation of each type, with turns and without, that says something of everything."""
    for type in insight.TYPES:
        host.start(conversationId=type, type=type)
        for number, said in enumerate(SPOKEN):
            host.send(type, said, execute=number % 2 == 1)
            insight.check(host, type, words, prompts=(None, "great, what does the premium plan cost? $5k"))
        insight.check_events(fold.read(host.file(type)), words)


def test_words_of_ones_own(worded):
    with worded(WHOLE) as host:
        speak(host, insight.merged(WHOLE))
        told = insight.ask(host, "sales")["context"]
        assert told["products_discussed"] == ["Team", "Starter", "Campus"]
        assert told["conversation_stage"] == "negotiation"
        amounts = [(one["text"], one["amount"]) for one in told["budget_indicators"] if "amount" in one]
        assert amounts[:2] == [("12_000 coins every moon", 12_000), ("2 dozen", 24)]
        assert ("1;5 q coins", 0.75) in amounts and ("1~2 coins", 2) in amounts
        assert host.get("general")["context"]["needs_escalation"] is True


@pytest.mark.parametrize("own", PARTS, ids=json.dumps)
def test_what_is_left_out_is_built_in(worded, own):
    with worded(own) as host:
        speak(host, insight.merged(own))


def test_a_product_is_told_as_it_stands_in_the_list(worded):
    with worded({"products": ["Campus", "STARTER", "Stra\u00dfe", "Cafe\u0301"]}) as host:
        host.start(conversationId="c", type="sales")
        say(host, "c", "starter CAMPUS", "STRASSE", "CAF\u00c9")
        assert insight.ask(host, "c")["context"]["products_discussed"] == ["Campus", "STARTER", "Stra\u00dfe", "Cafe\u0301"]


@pytest.mark.parametrize("own", [{"products": []}, {"topics": {}}, {"topics": {"x": []}}, {"sentiment": {"negative": []}}])
def test_a_list_may_be_empty(worded, own):
    with worded(own) as host:
        speak(host, insight.merged(own))


def test_the_config_may_have_no_words(store, configured):
    with Host(store, config=configured(more={"insight": {}})) as host:
        host.start(conversationId="c")
        insight.check(host, "c", prompts=("an awful bug",))


# Mistakes


def refused(store, config, *said):
    """One line on stderr, at once, with these words in it."""
    done = subprocess.run(
        command(store, config=config),
        input=b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n',
        capture_output=True,
        timeout=PATIENCE,
        env=environment(store.parent),
    )
    stderr = done.stderr.decode()
    assert (done.returncode, done.stdout, stderr.count("\n")) == (2, b"", 1), stderr
    for word in said:
        assert word in stderr


FAULTS = [
    ([], []),
    ("words", []),
    ({"prodcuts": []}, ["prodcuts", "`products`"]),
    ({"sentiment": {"negativ": []}}, ["sentiment", "negativ", "`negative`"]),
    ({"budget": {"currency": {}}}, ["budget", "currency", "`currencies`"]),
    ({"mood": {"words": []}}, ["mood", "words"]),
    ({"products": "Starter"}, ["products"]),
    ({"products": {"Starter": []}}, ["products"]),
    ({"products": ["Starter", 1]}, ["products"]),
    ({"products": ["Starter", ""]}, ["products"]),
    ({"products": None}, ["products"]),
    ({"sentiment": []}, ["sentiment"]),
    ({"sentiment": {"positive": [""]}}, ["sentiment", "positive"]),
    ({"sentiment": {"lastMessages": 0}}, ["sentiment", "lastMessages"]),
    ({"sentiment": {"lastMessages": 101}}, ["sentiment", "lastMessages"]),
    ({"issues": {"lastMessages": 1.5}}, ["issues", "lastMessages"]),
    ({"mood": {"lastMessages": "5"}}, ["mood", "lastMessages"]),
    ({"mood": {"highOver": -1}}, ["mood", "highOver"]),
    ({"escalation": {"overMessages": 1_000_001}}, ["escalation", "overMessages"]),
    ({"topics": {"": ["x"]}}, ["topics"]),
    ({"topics": {"x": [""]}}, ["topics", "x"]),
    ({"topics": {"x": "y"}}, ["topics", "x"]),
    ({"replies": {"followup": [[]]}}, ["replies", "followup"]),
    ({"budget": {"decimal": ""}}, ["budget", "decimal"]),
    ({"budget": {"decimal": ".,"}}, ["budget", "decimal"]),
    ({"budget": {"groups": [",", "''"]}}, ["budget", "groups"]),
    ({"budget": {"groups": ","}}, ["budget", "groups"]),
    ({"budget": {"currencies": {"": ["x"]}}}, ["budget", "currencies"]),
    ({"budget": {"currencies": {"EUR": [""]}}}, ["budget", "currencies", "EUR"]),
    ({"budget": {"multipliers": {"k": 0}}}, ["budget", "multipliers", "k"]),
    ({"budget": {"multipliers": {"k": -5}}}, ["budget", "multipliers", "k"]),
    ({"budget": {"multipliers": {"k": "1000"}}}, ["budget", "multipliers", "k"]),
    ({"budget": {"multipliersWithCurrency": {"": 5}}}, ["budget", "multipliersWithCurrency"]),
    ({"budget": {"between": {"between": ""}}}, ["budget", "between", "between"]),
    ({"budget": {"between": {"": "and"}}}, ["budget", "between"]),
    ({"budget": {"between": {"between": ["and"]}}}, ["budget", "between", "between"]),
    ({"budget": {"periods": {"day": "day"}}}, ["budget", "periods", "day"]),
    ({"products": ["x" * 100 + str(number) for number in range(250)]}, ["bytes"]),
]


@pytest.mark.parametrize(("own", "said"), FAULTS, ids=lambda value: json.dumps(value)[:60])
def test_a_faulty_file(store, configured, tmp_path, own, said):
    (tmp_path / "words.json").write_text(json.dumps(own))
    refused(store, configured(more={"insight": {"words": "words.json"}}), "words.json", *said)


@pytest.mark.parametrize("text", [b"", b"{", b"{} {}", b'{"products":["a"],"products":["b"]}', b"\xff", b'{"products":["\xff"]}'])
def test_a_file_that_is_no_json(store, configured, tmp_path, text):
    (tmp_path / "words.json").write_bytes(text)
    refused(store, configured(more={"insight": {"words": "words.json"}}), "words.json")


def test_a_file_that_is_not_there(store, configured, tmp_path):
    config = configured(more={"insight": {"words": "words.json"}})
    refused(store, config, "words.json")
    (tmp_path / "words.json").mkdir()
    refused(store, config, "words.json")


@pytest.mark.parametrize("faulty", [{"word": "x"}, {"words": 1}, [], {"words": ["words.json"]}], ids=json.dumps)
def test_a_config_that_names_it_wrongly(store, configured, faulty):
    refused(store, configured(more={"insight": faulty}), "parley.json", "insight")


def test_as_many_words_as_are_allowed(worded):
    """What the built-in lists have counts too, so this stays a little below."""
    own = {"products": ["x" * 90 + f"{number:010}" for number in range(160)]}
    with worded(own) as host:
        host.start(conversationId="c", type="sales")
        say(host, "c", own["products"][159], own["products"][3].upper())
        assert insight.ask(host, "c")["context"]["products_discussed"] == [own["products"][159], own["products"][3]]


# German


GERMAN_TALK = [
    "Guten Tag, ich bin VERA\u0308RGERT!", "Der PROFITARIF ist zu teuer f\u00fcr mich.",
    "Wir haben 5.000 \u20ac im Monat, zwischen 300 und 500 Euro w\u00e4ren g\u00fcnstiger.",
    "Das ist gro\u00dfartig. GROSSARTIG!", "Die Gesch\u00e4ftsleitung? DIE GESCHA\u0308FTSLEITUNG!",
    "Meine RECHNUNG\u0000 und mein Pass\u0000wort", "\u00c4RGERLICH, \u00c4rgerlich, a\u0308rgerlich", "Bitte weiterleiten",
    "Was kostet der Basistarif, was sind die Kosten?", "Fr. 50 am Tag oder 2,5 Mio. \u20ac", "Rufen Sie zur\u00fcck", "super",
    "GRO\u1e9eARTIG", "hello",
]  # fmt: skip


@pytest.mark.parametrize("type", insight.TYPES)
def test_a_conversation_in_german(store, configured, type):
    config = configured(more={"insight": {"words": str(insight.GERMAN_FILE)}})
    with Host(store, config=config) as host:
        host.start(conversationId="c", type=type)
        for number, said in enumerate(GERMAN_TALK):
            prompts = (None, said, said.swapcase(), unicodedata.normalize("NFD", said))
            insight.check(host, "c", insight.GERMAN, prompts=prompts)
            host.send("c", said, execute=number % 3 > 0)
        insight.check(host, "c", insight.GERMAN)
        kept = host.get("c")["context"]
    insight.check_events(fold.read(store / "conversations" / "c.jsonl"), insight.GERMAN)
    assert (kept["needs_escalation"], kept["needs_followup"]) == (True, True)
    assert kept["products_discussed"] == ["Profitarif", "Basistarif"]
    assert kept["topics_discussed"] == ["Abrechnung"]
    assert (kept["escalation_level"], kept["conversation_stage"]) == (3, "negotiation")


# Other words on a store that is there


def test_other_words_count_anew(worded, store):
    def hash():
        return [event for event in fold.read(file) if event["type"] == "insight"][-1]["checkpoint"]["wordsHash"]

    file = store / "conversations" / "sales.jsonl"
    hashes = []
    with worded({}) as host:
        speak(host, insight.BUILT_IN)
        hashes.append(hash())
    for own in (WHOLE, {"products": ["the"]}, {"sentiment": {"lastMessages": 1}}, {}):
        words = insight.merged(own)
        with worded(own) as host:
            for type in insight.TYPES:
                insight.check(host, type, words, prompts=(None, "the price"))
                before = host.file(type).stat().st_size
                assert insight.ask(host, type) and host.file(type).stat().st_size == before
                host.send(type, "a turn")
                last = contract.check_file(host.file(type))[-1]
                assert last["type"] == "insight"
                history = fold.history(fold.read(host.file(type)))
                assert {name: last["context"][name] for name in insight.ALWAYS} == {
                    name: value for name, value in insight.found(history, words).items() if name in insight.ALWAYS
                }
                kept = host.get(type)["context"]
                told = insight.found(history, words)
                assert kept.get("budget_indicators", []) == told["budget_indicators"]
                for name in ("needs_escalation", "needs_followup"):
                    # With other words an old reply may no longer call for it; only a new one calls for it anew.
                    assert told[name] or not kept.get(name)
            hashes.append(hash())
    assert hashes[0] == hashes[-1] and len(set(hashes)) == 4
