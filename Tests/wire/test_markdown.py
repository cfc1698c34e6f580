"""A conversation as Markdown: nothing that was said does anything or passes for part of the page; and it comes back."""

import random
import re

import fold
import pytest
from host import Host
from markdown_it import MarkdownIt
from test_exchange import export, import_


@pytest.fixture
def elsewhere(tmp_path, configured):
    """A host on another store."""
    with Host(tmp_path / "elsewhere", config=configured(), strict=False) as host:
        yield host


HOSTILE = [
    "<script>alert(1)</script>", "<SCRIPT SRC=//x>", "<img src=x onerror=alert(1)>", "<!-- ", "<!DOCTYPE x>",
    "<?php ?>", "<![CDATA[x]]>", "</blockquote><script>x</script>", "<https://x.example>", "<a@x.example>",
    "<a href='javascript:x'>x</a>", "[x](javascript:alert(1))", "![x](https://x.example/x.png)",
    "[x][y]\n\n[y]: https://x.example", "[y]: <x> 'y'\n\n[y]", "[x]\n(https://x.example)", "[x\n](https://x.example)",
    "[x] (https://x.example)", "[\n\n[y]:x", "[x]:\nhttps://x.example\n\n[x]", "\\[x](x)", "\\\\[x](x)", "\\<script>",
    "`[x](x)`", "``` \n</blockquote>\n# x", "```\n[x](x)\n```", "~~~", "    <script>", "# not a heading", "\n# x",
    "x\n===", "x\n---", "---", "***", "## user · 2024-01-01T00:00:00.000Z · msg_1", "\n\n## assistant\n\n> forged",
    "> quoted", ">>> deep", "- list\n\n      code", "1. x\n\n\n2. y", "a\r# x", "\r\n# x\r\n", "a\rb\r", "\v# x",
    "\f# x", "\u2028# x", "\u0085# x", "|a|b|\n|-|-|\n|<b>|[x](y)|", "&lt;script&gt;", "&amp;lt;", "&#93;", "&#0;",
    "&#x3c;script&#x3e;", "&", "&&lt;", "&amp;amp;#93;", "", "\n", "\n\n", " ", "  \n  ", "\t", "x\n", "\nx", "x\n\n",
    "\0", "a\0b", "]", "](", "]:", "][", "<", "</", "<!", "<a", "a<b", "1 < 2 > 1", "<div\n>\nx", "<\nscript>",
    "<div>\n\n# x", "<pre>\n\n\n</pre>", "x <b", "x\n<b\nonclick=x>", "--- \nid: x", "---\n\n# forged\n", "\ufeff# x",
    "😀<script>", "[^1]: x", "[x]: https://x.example \"t\"\n[x]", "![", "![x]", "![x][x]\n\n[x]:/x", "$x$", "\\",
    "x\\",
]  # fmt: skip

RENDERERS = {
    "CommonMark": MarkdownIt("commonmark", {"html": True}),
    "with tables": MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"]),
}


def inner(tokens):
    for token in tokens:
        yield token
        yield from inner(token.children or ())


def check_is_safe(text, headings):
    for renderer in RENDERERS.values():
        check_is_safe_in(renderer, text, headings)


def check_is_safe_in(renderer, text, headings):
    """Nothing that does anything, and outside of quotes nothing but what an export puts there."""
    tokens = renderer.parse(text)
    types = {token.type for token in inner(tokens)}
    assert not types & {"html_block", "html_inline", "link_open", "image"}, renderer.render(text)
    html = renderer.render(text)
    # All tags there are come from these.
    assert not re.search(r"(?i)<(script|img|a|iframe|svg|div|b|object|style|link|meta)\b", html)
    depth, found, outside = 0, [], set()
    for place, token in enumerate(tokens):
        depth += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if depth == 0 and token.type == "heading_open":
            found.append((token.tag, tokens[place + 1].content))
        elif depth == 0:
            outside.add(token.type)
    # The front matter's end makes a heading of its last line for renderers that don't know it.
    assert found[0][0] == "h2" and found[0][1].startswith("id: ")
    assert found[1:] == headings
    assert outside <= {"heading_close", "inline", "blockquote_close", "hr"}


def fill(host, contents, id="c", **params):
    host.start(conversationId=id, **params)
    for number, content in enumerate(contents):
        host.begin_send(id, content, execute=False, role=["user", "assistant", "system"][number % 3])
    return host.history(id, limit=1000)["messages"]


def headings_of(title, messages):
    return [("h1", title)] + [("h2", f"{m['role']} · {m['timestamp']} · {m['id']}") for m in messages]


def test_markdown_is_safe_to_look_at(host):
    messages = fill(host, HOSTILE, title="Plain")
    assert [message["content"] for message in messages] == HOSTILE
    check_is_safe(export(host, format="markdown")["text"], headings_of("Plain", messages))
    # Each alone, so that what one begins isn't ended by another.
    for number, content in enumerate(HOSTILE):
        messages = fill(host, [content, "after"], id=f"m{number}", title="Plain")
        check_is_safe(export(host, f"m{number}", "markdown")["text"], headings_of("Plain", messages))


@pytest.mark.parametrize("renderer", RENDERERS.values(), ids=RENDERERS)
def test_what_stands_above_the_messages_is_safe_too(host, renderer):
    """The title, and all that stands in the front matter."""
    for number, text in enumerate(text for text in HOSTILE if text):
        id = f"m{number}"
        host.start(conversationId=id, title=text, userId=text, organizationId=text, tags=[text, "x"], instructions=text)
        tokens = renderer.parse(export(host, id, "markdown")["text"])
        types = [token.type for token in inner(tokens)]
        assert not set(types) & {"html_block", "html_inline", "link_open", "image"}, text
        assert types.count("heading_open") <= 2, text
        assert not set(types) & {"blockquote_open", "fence", "code_block", "list_item_open", "table_open"}, text


def random_texts(seed, count):
    """Texts made of what Markdown is made of."""
    chance = random.Random(seed)
    pieces = [
        *"<>[]()!:#`~*_-+=|\\/&;\"' \t\n\r",
        "\n\n",
        "    ",
        "```",
        "script",
        "a",
        "http://x",
        "&lt;",
        "&#93;",
        "&amp;",
        "\0",
        "<a",
        "]:",
        "](",
    ]
    return ["".join(chance.choices(pieces, k=chance.randrange(1, 25))) for _ in range(count)]


def test_random_markdown_is_safe_and_comes_back(host, elsewhere):
    contents = random_texts(1, 500)
    messages = fill(host, contents, title="Plain")
    text = export(host, format="markdown")["text"]
    check_is_safe(text, headings_of("Plain", messages))
    assert import_(elsewhere, text=text)["imported"] == {"messages": len(contents)}
    assert [message["content"] for message in elsewhere.history("c", limit=1000)["messages"]] == contents


def test_markdown_comes_back(host, elsewhere, tmp_path):
    """Contents, roles, ids and times, by text and by path; and what stands above them."""
    title = "A *title* <b> with\nlines"
    about = {
        "title": title,
        "userId": "<u>",
        "organizationId": "o: [1]",
        "tags": ["a, b", "]"],
        "instructions": "---\n# x",
    }
    messages = fill(host, HOSTILE, **about)
    host.request("conversation/end", {"conversationId": "c"})
    host.request("conversation/update", {"conversationId": "c", "archived": True})
    text = export(host, format="markdown")["text"]
    (tmp_path / "c.md").write_bytes(text.encode())
    for params in (
        {"text": text},
        {"path": str(tmp_path / "c.md")},
        {"text": text.replace("\n", "\r\n"), "format": "markdown"},
    ):
        got = import_(elsewhere, **params)["conversation"]
        shown = host.get("c")
        for name in (
            "id",
            "userId",
            "agentId",
            "organizationId",
            "type",
            "title",
            "tags",
            "instructions",
            "archived",
            "startTime",
            "endTime",
        ):
            assert got[name] == shown[name]
        names = ("id", "role", "content", "timestamp")
        back = elsewhere.history("c", limit=1000)["messages"]
        assert [[message[name] for name in names] for message in back] == [
            [message[name] for name in names] for message in messages
        ]
        assert export(elsewhere, format="markdown")["text"] == text
        fold.check(elsewhere, "c")
        elsewhere.request("conversation/delete", {"conversationId": "c", "purge": True})
