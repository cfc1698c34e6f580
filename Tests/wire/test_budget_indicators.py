"""Money and words of budget: each row of the table in docs/insight.md, and of one for German."""

import re

import insight
import money
import pytest
from host import Host

DOC = insight.ROOT / "docs" / "insight.md"


def rows():
    """(what a user says, the indicators without message_id) for each row of the table."""
    table = DOC.read_text(encoding="utf-8").split("| a user says | indicators |\n|---|---|\n")[1].split("\n\n")[0]
    for row in table.splitlines():
        says, told = (cell.strip() for cell in row.strip().strip("|").split("|"))
        yield says, [indicator(*match) for match in re.findall(r"`([^`]+)`([^`]*?)(?=, `|$)", told)]


def indicator(text, rest):
    made = {"text": text}
    for word in rest.split():
        name = "amount" if word[0].isdigit() else "currency" if word.isupper() else "period"
        made[name] = float(word) if name == "amount" else word
    return made


TABLE = list(rows())


def amount(text, number, currency=None, period=None):
    told = {"text": text, "amount": number, "currency": currency, "period": period}
    return {name: value for name, value in told.items() if value is not None}


def word(text):
    return {"text": text}


GERMAN = [
    ("Wir haben 5.000 € dafür.", [amount("5.000 €", 5000, "EUR")]),
    ("etwa 1.234,56 Euro im Monat", [amount("1.234,56 Euro im Monat", 1234.56, "EUR", "month")]),
    ("12,50 € oder 12.50 €", [amount("12,50 €", 12.5, "EUR"), amount("12.50 €", 12.5, "EUR")]),
    ("1,5 € sind es", [amount("1,5 €", 1.5, "EUR")]),
    ("1.5 € schreibt hier kaum jemand", [{"text": "1.5 €", "amount": 1.5, "currency": "EUR"}]),
    ("1 000 000 €", [amount("1 000 000 €", 1_000_000, "EUR")]),
    ("5 Tsd. Euro pro Jahr", [amount("5 Tsd. Euro pro Jahr", 5000, "EUR", "year")]),
    ("5 tausend reichen, 3 Millionen nicht", [amount("5 tausend", 5000), amount("3 Millionen", 3_000_000)]),
    ("2,5 Mio. € Umsatz", [amount("2,5 Mio. €", 2_500_000, "EUR")]),
    ("zwischen 300 und 500 Euro", [amount("300 und 500 Euro", 300, "EUR"), amount("300 und 500 Euro", 500, "EUR")]),
    ("300 bis 500 EUR", [amount("300 bis 500 EUR", 300, "EUR"), amount("300 bis 500 EUR", 500, "EUR")]),
    ("300 und 500 Leute", []),
    ("CHF 5'000", [amount("CHF 5'000", 5000, "CHF")]),
    ("Fr. 50 am Tag", [amount("Fr. 50 am Tag", 50, "CHF", "day")]),
    ("20 Franken die Woche", [amount("20 Franken die Woche", 20, "CHF", "week")]),
    ("100 EURO/MONAT", [amount("100 EURO/MONAT", 100, "EUR", "month")]),
    ("30 € monatlich", [amount("30 € monatlich", 30, "EUR", "month")]),
    ("5k Nutzer, 5k Anfragen", []),
    ("Am 22.11.2026 um 10:30", []),
    ("Das ist ZU TEUER, es geht G\u0055\u0308NSTIGER.", [word("zu teuer"), word("günstiger")]),
    ("Das kann ich mir nicht leisten, 50 $ sind mein Budget", [amount("50 $", 50, "USD"), word("budget"), word("leisten")]),
]  # fmt: skip


def both(text, first, second, currency=None, period=None):
    """A range: two amounts with the text of the whole."""
    return [amount(text, first, currency, period), amount(text, second, currency, period)]


RANGES = [
    ("$5-10k", both("$5-10k", 5_000, 10_000, "USD")),
    ("$5k-10k a month", both("$5k-10k a month", 5_000, 10_000, "USD", "month")),
    ("$5-10m", both("$5-10m", 5_000_000, 10_000_000, "USD")),
    ("$1m to 2.5m per year", both("$1m to 2.5m per year", 1_000_000, 2_500_000, "USD", "year")),
    ("1-2m euros", both("1-2m euros", 1_000_000, 2_000_000, "EUR")),
    ("1m to 2m euros a year", both("1m to 2m euros a year", 1_000_000, 2_000_000, "EUR", "year")),
    ("5k to 10k euros", both("5k to 10k euros", 5_000, 10_000, "EUR")),
    ("5k-10k users", []),
    ("1-2m away", []),
    ("$5 - \u20ac10", [amount("$5", 5, "USD"), amount("\u20ac10", 10, "EUR")]),
    ("between 5 and 6, or 7", []),
]
GERMAN += [
    ("1 bis 2 Mio. \u20ac im Jahr", both("1 bis 2 Mio. \u20ac im Jahr", 1_000_000, 2_000_000, "EUR", "year")),
    ("1 Mio. bis 2 Mio. \u20ac im Jahr", both("1 Mio. bis 2 Mio. \u20ac im Jahr", 1_000_000, 2_000_000, "EUR", "year")),
]


def check(host, says, indicators):
    """As a prompt, which has no id, and as a message, which has one."""
    conversation = host.start(type="sales")["id"]
    assert insight.ask(host, conversation, says)["context"]["budget_indicators"] == indicators
    id = host.send(conversation, says, execute=False)["message"]["id"]
    marked = [{**indicator, "message_id": id} for indicator in indicators]
    assert insight.ask(host, conversation)["context"]["budget_indicators"] == marked


def test_the_table_is_found():
    assert len(TABLE) > 25 and len([row for row in TABLE if row[1] == []]) >= 4


@pytest.mark.parametrize(("says", "indicators"), TABLE, ids=[row[0] for row in TABLE])
def test_a_row_of_the_table(host, says, indicators):
    check(host, says, indicators)


@pytest.mark.parametrize(("says", "indicators"), RANGES, ids=[row[0] for row in RANGES])
def test_a_range(host, says, indicators):
    check(host, says, indicators)


@pytest.mark.parametrize(("says", "indicators"), GERMAN, ids=[row[0] for row in GERMAN])
def test_german(store, configured, says, indicators):
    config = configured(more={"insight": {"words": str(insight.GERMAN_FILE)}})
    with Host(store, config=config) as host:
        check(host, says, indicators)


@pytest.mark.parametrize(
    ("words", "says", "indicators"),
    [*((insight.BUILT_IN, *row) for row in TABLE + RANGES), *((insight.GERMAN, *row) for row in GERMAN)],
    ids=[row[0] for row in TABLE + RANGES + GERMAN],
)
def test_the_oracle_knows_them_too(words, says, indicators):
    """Otherwise it would judge wrongly where it is asked about more."""
    told = insight.indicators_of({"role": "user", "content": says}, words)
    assert told == indicators
    assert [one for one in told if "amount" in one] == money.amounts(says, words["budget"])


def test_only_users_and_only_what_is_in_the_history(host):
    host.start(conversationId="c", type="sales")
    for role in ("assistant", "system"):
        host.send("c", "That is $500, or a small budget.", role=role)
    assert insight.ask(host, "c")["context"]["budget_indicators"] == []
    first = host.send("c", "I have $5.", execute=False)["message"]["id"]
    second = host.send("c", "No, $7.", execute=False, replaces=first)["message"]["id"]
    told = insight.ask(host, "c")["context"]["budget_indicators"]
    assert told == [{**amount("$7", 7, "USD"), "message_id": second}]


def test_the_newest_fifty(host):
    """And older ones come back where newer ones leave the history."""
    host.start(conversationId="c", type="sales")
    ids = [host.send("c", f"${number} or ${number}.50", execute=False)["message"]["id"] for number in range(1, 41)]
    told = insight.ask(host, "c")["context"]["budget_indicators"]
    assert [one["amount"] for one in told] == [number + part for number in range(16, 41) for part in (0, 0.5)]
    assert [one["message_id"] for one in told] == [id for id in ids[15:] for _ in range(2)]
    host.send("c", "never mind, I have 3k", execute=False, replaces=ids[-10])
    told = insight.ask(host, "c")["context"]["budget_indicators"]
    assert len(told) == 50 and told[-1]["amount"] == 3000
    assert [one["amount"] for one in told[:3]] == [6.5, 7, 7.5]
    insight.check(host, "c", prompts=(None, "or $9"))
