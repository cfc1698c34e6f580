"""What model servers answer, in their own words: chat completions, Anthropic's messages, LLM Crafter."""

import json

from model_server import Reply

USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}


def data(value):
    """One event of a stream, as most servers write it."""
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


# Chat completions


_CHUNK = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def chunk(delta, finish=None, index=0, **more):
    choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
    return data({**_CHUNK, "choices": [choice], **more})


DONE = b"data: [DONE]\n\n"


def chat_end(usage=None, finish="stop"):
    """The events behind the last piece."""
    told = [data({**_CHUNK, "choices": [], "usage": usage})] if usage is not None else []
    return [chunk({}, finish), *told, DONE]


def chat_events(*pieces, usage=None):
    return [chunk({"role": "assistant", "content": ""}), *(chunk({"content": piece}) for piece in pieces), *chat_end(usage)]


def chat(*pieces, usage=None, **more):
    """A whole reply, streamed."""
    return Reply(*chat_events(*pieces, usage=usage), **more)


def chat_whole(content, usage=None, **message):
    """A whole reply of a server that doesn't stream."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **message}, "finish_reason": "stop"}
    told = {"usage": usage} if usage else {}
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], **told}


# Anthropic's messages


def event(type, **members):
    return f"event: {type}\n".encode() + data({"type": type, **members})


def message_start(input_tokens=7, **usage):
    told = {"input_tokens": input_tokens, "output_tokens": 1, **usage}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}
    return event("message_start", message={**message, "stop_reason": None, "stop_sequence": None, "usage": told})


def block(index, begin, *deltas):
    """A block of the content: how it begins, and its deltas."""
    return [
        event("content_block_start", index=index, content_block=begin),
        *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
        event("content_block_stop", index=index),
    ]


def text_block(index, *pieces):
    return block(index, {"type": "text", "text": ""}, *({"type": "text_delta", "text": piece} for piece in pieces))


def message_end(output_tokens=5, reason="end_turn"):
    delta = {"stop_reason": reason, "stop_sequence": None}
    return [event("message_delta", delta=delta, usage={"output_tokens": output_tokens}), event("message_stop")]


def message_events(*pieces):
    return [message_start(), event("ping"), *text_block(0, *pieces), *message_end()]


def message(*pieces, **more):
    """A whole reply, streamed."""
    return Reply(*message_events(*pieces), **more)


# LLM Crafter


def execution(response, **metadata):
    told = {"id": "exec_1", "agent_id": "agent_7", "response": response, "metadata": {"model_used": "m", **metadata}}
    return {"success": True, "data": {"execution": told}}


def crafted(response, **metadata):
    return Reply.json(execution(response, **metadata))


# All three


def whole(api, *pieces, **more):
    """A whole reply of the kind of server that `api` names."""
    if api == "llm-crafter":
        return crafted("".join(pieces))
    return {"openai": chat, "anthropic": message}[api](*pieces, **more)


EVENTS = {"openai": chat_events("Hel", "lo"), "anthropic": message_events("Hel", "lo")}
"""A streamed reply, whose first and second piece end behind so many events:"""
BEHIND = {"openai": (2, 3), "anthropic": (4, 5)}


def refusal(status, message="The server says no.", type="invalid_request_error", **headers):
    """An error as these servers write it."""
    return Reply.json({"type": "error", "error": {"type": type, "message": message}}, status=status, headers=headers)
