"""Words are the same in whatever case, and however their accents are put together: each letter that Unicode has."""

import collections
import json
import sys
import unicodedata

import insight
import pytest
from host import Host

LETTERS = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in ("Cs", "Cn")]


def chunks(words, size=15_000):
    """Lists of them with no more bytes than this, for there is a bound to the words of a file."""
    chunk, bytes = [], 0
    for word in words:
        if bytes + len(word.encode()) > size:
            yield chunk
            chunk, bytes = [], 0
        chunk.append(word)
        bytes += len(word.encode())
    yield chunk


def check(store, configured, tmp_path, pairs):
    """A word is found in the text that is given with it, and in no text of another word.

    The words are the products, so that each message tells which of them it says.
    """
    said = collections.defaultdict(list)
    for word, text in pairs:
        said[word].append(text)
    missing = []
    for number, words in enumerate(chunks(said)):
        (tmp_path / "words.json").write_text(json.dumps({"products": words}))
        with Host(store, "--durability", "os", config=configured(more={"insight": {"words": "words.json"}})) as host:
            host.start(conversationId=f"c{number}", type="sales")
            for place in range(max(len(texts) for texts in said.values())):
                spoken = [(word, said[word][place]) for word in words if place < len(said[word])]
                prompt = " ".join(text for _, text in spoken)
                told = insight.ask(host, f"c{number}", prompt)["context"]["products_discussed"]
                assert set(told) <= {word for word, _ in spoken}
                missing += [f"{text!a} doesn't say {word!a}" for word, text in spoken if word not in told]
    assert not missing, "; ".join(missing)


def test_case(store, configured, tmp_path):
    """Each letter that folds to others, one or several, is what it folds to."""
    pairs = [(insight.folded(f"q{letter}q"), f"q{letter}q") for letter in LETTERS if letter.casefold() != letter]
    assert len(pairs) > 1400
    check(store, configured, tmp_path, pairs)


def test_case_in_the_words(store, configured, tmp_path):
    """The same the other way around, for those that fold to several."""
    letters = [letter for letter in LETTERS if len(unicodedata.normalize("NFC", letter).casefold()) > 1]
    assert "\u00df" in letters and "\ufb01" in letters and "\u1e9e" in letters
    texts = collections.Counter(insight.folded(letter) for letter in letters)
    alone = [letter for letter in letters if texts[insight.folded(letter)] == 1]
    check(store, configured, tmp_path, [(f"q{letter}q", f"Q{insight.folded(letter)}Q") for letter in alone])


@pytest.mark.parametrize("form", ["NFD", "NFC"])
def test_accents(store, configured, tmp_path, form):
    """Each letter that can be put together in two ways, but for the thousands of Hangul."""
    other = {"NFD": "NFC", "NFC": "NFD"}[form]
    letters = [
        letter
        for letter in LETTERS
        if unicodedata.normalize("NFC", letter) == letter == insight.folded(letter)
        if unicodedata.normalize("NFD", letter) != letter
        if not "\uac00" <= letter <= "\ud7a3"
    ]
    assert len(letters) > 500
    pairs = [(unicodedata.normalize(other, f"q{letter}q"), unicodedata.normalize(form, f"q{letter}q")) for letter in letters]
    check(store, configured, tmp_path, pairs)


def test_hangul_and_marks_in_another_order(store, configured, tmp_path):
    pairs = [
        ("q\u1ec7q", "qe\u0302\u0323q"),
        ("q\u1ec7\u0304q", "Qe\u0323\u0304\u0302q".replace("\u0304\u0302", "\u0302\u0304")),
        ("qa\u0323\u0307q", "qA\u0307\u0323q"),
        ("q\ud55c\uad6dq", "q\u1112\u1161\u11ab\u1100\u116e\u11a8q"),
        ("q\u1100\u1161q", "q\uac00q"),
        ("q\u00c5q", "q\u212bq"),
        ("q\u03a9q", "q\u2126q"),
    ]
    check(store, configured, tmp_path, pairs)
