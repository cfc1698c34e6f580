"""The amounts of money in a text, by the rules of docs/insight.md, in the plainest way: a try at each place.

It is meant for the doc's table and for sentences like those in it, not for everything that anyone can write.
"""

import functools
import json
import re
from fractions import Fraction

SPACE = r"[ \t\u00a0\u202f]*"


def any_of(words):
    """A pattern for any of these, the longest first, that no letter goes on on either side."""
    patterns = []
    for word in sorted(words, key=len, reverse=True):
        before = r"(?<![^\W\d_])" if word[0].isalpha() else ""
        behind = r"(?![^\W\d_])" if word[-1].isalpha() else ""
        patterns.append(before + re.escape(word) + behind)
    return "(?:" + "|".join(patterns) + ")" if patterns else "(?!)"


def names(named):
    """{word in lower case: what it stands for}, the first one of which it stands for more."""
    stands = {}
    for name, words in named.items():
        for word in words:
            stands.setdefault(word.casefold(), name)
    return stands


class Rules:
    def __init__(self, budget):
        self.decimal = budget["decimal"]
        self.groups = budget["groups"]
        self.currencies = names(budget["currencies"])
        self.periods = names(budget["periods"])
        self.factors = {word.casefold(): (Fraction(str(by)), False) for word, by in budget["multipliers"].items()}
        for word, by in budget["multipliersWithCurrency"].items():
            self.factors.setdefault(word.casefold(), (Fraction(str(by)), True))
        decimal, marks = re.escape(self.decimal), "|".join(map(re.escape, {*self.groups, ".", ","}))
        grouped = rf"(?!0)\d{{1,3}}(?P<mark>{marks})\d{{3}}(?!\d)(?:(?P=mark)\d{{3}}(?!\d))*(?:(?!(?P=mark))[.,]\d+)?"
        number = rf"(?:{grouped}|\d+{decimal}\d+|\d+[.,]\d\d?(?!\d)|\d+)"
        # No digit hangs on to it: neither at once nor behind a mark.
        number = rf"(?<!\d)(?<!\d[.,:/'’])(?P<number>{number})(?!\d|[.,:/'’]\d)"
        currency, factor = any_of(self.currencies), any_of(self.factors)
        self.amount = re.compile(
            rf"(?:(?P<before>{currency}){SPACE}|(?<![^\W_])){number}"
            rf"(?:{SPACE}(?P<factor>{factor}))?(?:{SPACE}(?P<behind>{currency})(?!\d))?(?![^\W_]|%)",
            re.IGNORECASE,
        )
        marks = "|".join(re.escape(mark) + (r"\s+" if mark[-1].isalpha() else r"\s*") for mark in budget["periodMarks"])
        self.period = re.compile(rf"\s*(?:{marks})?(?P<period>{any_of(self.periods)})", re.IGNORECASE)
        self.range = re.compile(rf"\s*{any_of(budget['rangeMarks'])}\s*", re.IGNORECASE)
        self.between = [
            (re.compile(rf"{any_of([first])}\s+$", re.IGNORECASE), re.compile(rf"\s+{any_of([then])}\s+", re.IGNORECASE))
            for first, then in budget["between"].items()
        ]
        self.thing = re.compile(rf"\s*{any_of(budget['things'])}", re.IGNORECASE)

    def match(self, text, place):
        """The first amount from there on, as parts: where it stands, its digits, the factor and the currency."""
        match = self.amount.search(text, place)
        return None if match is None else self.parts(match)

    def parts(self, match):
        parts = {"start": match.start(), "end": match.end(), "number": match["number"]}
        told = [self.currencies[match[side].casefold()] for side in ("before", "behind") if match[side]]
        parts["currency"] = told[-1] if told else None
        if len(told) == 2 and re.match(rf"{SPACE}\d", match.string[match.end() :]):
            # That behind it is the next amount's.
            parts["currency"] = told[0]
            parts["end"] = max(match.end("number"), match.end("factor"))
        parts["factor"], parts["needs currency"] = self.factors.get((match["factor"] or "").casefold(), (None, False))
        return parts

    def value(self, number, factor):
        """What the digits say. Three behind a single mark are a group, unless a factor tells a fraction."""
        marks = re.findall(r"\D", number)
        if not marks:
            return Fraction(number)
        *groups, last = re.split(r"\D", number)
        grouped = all(len(part) == 3 for part in [*groups[1:], last]) and len(groups[0]) <= 3 and groups[0][0] != "0"
        grouped = grouped and len(set(marks)) == 1
        if grouped and not (factor and marks == [self.decimal]):
            return Fraction("".join([*groups, last]))
        return Fraction("".join(groups) + "." + last)

    def second(self, text, first):
        """The other end of a range that begins with this amount."""
        marks = [self.range] + [then for before, then in self.between if before.search(text[: first["start"]])]
        for mark in marks:
            between = mark.match(text, first["end"])
            if between and (other := self.amount.match(text, between.end())):
                parts = self.parts(other)
                if None in (first["currency"], parts["currency"]) or first["currency"] == parts["currency"]:
                    return parts
        return None

    def told(self, text, ends):
        """The amounts that one or two of them make, and where they end; None where it takes another look.

        A range of things is no money, and neither is its first end.
        """
        currency = next((end["currency"] for end in ends if end["currency"]), None)
        factors = [None if end["needs currency"] and currency is None else end["factor"] for end in ends]
        if currency is None and factors[-1] is None:
            return None
        end = ends[-1]["end"]
        if currency is None and self.thing.match(text, end):
            return [], end
        values = [self.value(end["number"], end["factor"]) for end in ends]
        if len(values) == 2 and factors[0] is None and values[0] < values[1]:
            factors[0] = factors[1]
        rest = {} if currency is None else {"currency": currency}
        if period := self.period.match(text, end):
            rest["period"] = self.periods[period["period"].casefold()]
            end = period.end()
        whole = text[ends[0]["start"] : end]
        return [{"text": whole, "amount": number(value * (by or 1)), **rest} for value, by in zip(values, factors)], end


def number(value):
    return int(value) if value.denominator == 1 else float(value)


@functools.cache
def rules_of(budget):
    return Rules(json.loads(budget))


@functools.lru_cache(maxsize=100_000)
def found(text, budget):
    rules, place, all = rules_of(budget), 0, []
    while first := rules.match(text, place):
        place = first["end"]
        other = rules.second(text, first)
        for ends in [(first, other)] * (other is not None) + [(first,)]:
            if told := rules.told(text, ends):
                all += told[0]
                place = told[1]
                break
    return all


def amounts(text, budget):
    """[{text, amount, currency?, period?}] as they stand there."""
    return [dict(told) for told in found(text, json.dumps(budget))]
