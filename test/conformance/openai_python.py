"""OpenAI's own Python client, unmodified, against a gateway: one JSON line on standard output for each check."""

import asyncio
import json
import os
import sys
import time
import traceback

import openai
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

STAND = json.loads(os.environ["STAND"])
CHAT, PROSE, VECTORS = STAND["models"]["vllm"], STAND["models"]["triton"], STAND["models"]["embedding"]


def client(kind=OpenAI, key="alpine", **options):
    return kind(base_url=STAND["baseUrl"], api_key=STAND["keys"].get(key, key), **{"max_retries": 0, **options})


def user(content):
    return [{"role": "user", "content": content}]


def equal(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


def chat():
    for model in (CHAT, PROSE):
        answer = client().chat.completions.create(model=model, messages=user("[[say:Guten Tag]]"))
        equal((answer.object, answer.model, answer.choices[0].message.content), ("chat.completion", model, "Guten Tag"))
        equal((answer.choices[0].finish_reason, len(answer._request_id)), ("stop", 32))


def chat_stream():
    for model in (CHAT, PROSE):
        options = {"stream": True, "stream_options": {"include_usage": True}}
        chunks = list(client().chat.completions.create(model=model, messages=user("[[say:eins zwei]]"), **options))
        equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), "eins zwei")
        equal(chunks[0].choices[0].delta.role, "assistant")
        equal((chunks[-1].choices, chunks[-1].usage.completion_tokens > 0), ([], True))
        equal(len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}), 1)


def no_usage_unasked():
    for chunk in client().chat.completions.create(model=CHAT, messages=user("hi"), max_tokens=4, stream=True):
        equal((len(chunk.choices), chunk.usage), (1, None))


def stream_helper():
    with client().chat.completions.stream(model=CHAT, messages=user("[[say:a b c]]"), n=2) as stream:
        final = stream.until_done().get_final_completion()
    equal([choice.message.content for choice in final.choices], ["a b c", "a b c"])


def stop_and_length():
    stopped = client().chat.completions.create(model=CHAT, messages=user("[[say:one two three]]"), stop=" three")
    equal((stopped.choices[0].message.content, stopped.choices[0].finish_reason), ("one two", "stop"))
    cut = client().chat.completions.create(model=CHAT, messages=user("[[tokens:50]]"), max_tokens=3)
    equal((cut.usage.completion_tokens, cut.choices[0].finish_reason), (3, "length"))


def logprobs():
    answer = client().chat.completions.create(model=CHAT, messages=user("[[say:a b]]"), logprobs=True, top_logprobs=2)
    equal("".join(token.token for token in answer.choices[0].logprobs.content), "a b")


PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": PARAMETERS, "strict": True}} for name in ("get_weather", "get_time")
]


def tools():
    named = {"type": "function", "function": {"name": "get_time"}}
    for choice, name in (("auto", "get_weather"), ("required", "get_weather"), (named, "get_time")):
        asked = {"model": CHAT, "messages": user("weather?"), "tools": TOOLS, "tool_choice": choice}
        whole = client().chat.completions.create(**asked)
        with client().chat.completions.stream(**asked) as stream:
            streamed = stream.get_final_completion()
        for answer in (whole, streamed):
            (call,) = answer.choices[0].message.tool_calls
            equal((call.function.name, "city" in json.loads(call.function.arguments), bool(call.id)), (name, True, True))


class Person(BaseModel):
    name: str
    age: int


def structured():
    answer = client().chat.completions.parse(model=CHAT, messages=user("who?"), response_format=Person)
    equal(type(answer.choices[0].message.parsed), Person)


def embeddings():
    floats = client().embeddings.create(model=VECTORS, input=["hello", "world"], encoding_format="float")
    packed = client().embeddings.create(model=VECTORS, input=["hello", "world"])
    for one, other in zip(floats.data, packed.data, strict=True):
        equal(max(abs(a - b) for a, b in zip(one.embedding, other.embedding, strict=True)) < 1e-6, True)
    equal(len(client().embeddings.create(model=VECTORS, input=[[1, 2], [3]]).data), 2)
    equal(len(client().embeddings.create(model=VECTORS, input=[1, 2, 3]).data), 1)


def completions():
    for model in (CHAT, PROSE):
        equal(client().completions.create(model=model, prompt="[[say:abc]]").choices[0].text, "abc")
        stream = client().completions.create(model=model, prompt="[[say:abc def]]", stream=True)
        equal("".join(chunk.choices[0].text for chunk in stream), "abc def")
    several = client().completions.create(model=CHAT, prompt=["[[say:a]]", "[[say:b]]"])
    equal([(choice.index, choice.text) for choice in several.choices], [(0, "a"), (1, "b")])


def models():
    listed = [model.id for model in client().models.list()]
    equal(listed, [CHAT, PROSE, VECTORS])
    for name in listed:
        equal(client().models.retrieve(name).id, name)


def errors():
    def refused(kind, status, code, call):
        try:
            call()
        except kind as error:
            equal((error.status_code, error.code, len(error.request_id)), (status, code, 32))
            return error
        raise AssertionError(f"no {kind.__name__}")

    def ask(key="alpine", **more):
        return client(key=key).chat.completions.create(**{"model": CHAT, "messages": user("hi"), "max_tokens": 4, **more})

    error = refused(openai.BadRequestError, 400, "integer_below_min_value", lambda: ask(max_tokens=-1))
    equal((error.param, error.type), ("max_tokens", "invalid_request_error"))
    refused(openai.BadRequestError, 400, "context_length_exceeded", lambda: ask(messages=user("word " * 40_000)))
    refused(openai.AuthenticationError, 401, "invalid_api_key", lambda: ask(key="sk-wrong"))
    refused(openai.PermissionDeniedError, 403, STAND["lawlessCode"], lambda: ask(key="lawless"))
    equal(refused(openai.NotFoundError, 404, "model_not_found", lambda: ask(model="gpt-4")).param, "model")
    refused(openai.RateLimitError, 429, "insufficient_quota", lambda: ask(key="broke"))
    refused(openai.InternalServerError, 502, "engine_failed", lambda: ask(messages=user("[[fail:500]]")))
    refused(openai.InternalServerError, 503, "engine_overloaded", lambda: ask(messages=user("[[fail:503]]")))


def stream_errors():
    for order in ("[[fail:error:3]]", "[[fail:cut:3]]"):
        text = ""
        try:
            for chunk in client().chat.completions.create(model=CHAT, messages=user(f"{order}[[tokens:9]]"), stream=True):
                text += chunk.choices[0].delta.content or ""
        except openai.APIError as error:
            equal((error.code, text != ""), ("engine_failed", True))
        else:
            raise AssertionError(f"{order} ended as if it had succeeded")


def quota_is_not_retried():
    sent = []
    http = openai.DefaultHttpxClient(event_hooks={"request": [sent.append]})
    try:
        client(key="broke", max_retries=2, http_client=http).models.with_raw_response.list()
        client(key="broke", max_retries=2, http_client=http).chat.completions.create(model=CHAT, messages=user("hi"))
    except openai.RateLimitError as error:
        equal((error.response.headers["x-should-retry"], len(sent)), ("false", 2))


def overload_is_retried():
    started = time.monotonic()
    try:
        client(max_retries=1).chat.completions.create(model=CHAT, messages=user("[[fail:503:1]]"))
    except openai.InternalServerError as error:
        equal((error.response.headers["retry-after"], 0.9 < time.monotonic() - started < 5), ("1", True))


def raw_headers():
    raw = client().chat.completions.with_raw_response.create(model=CHAT, messages=user("hi"), max_tokens=4)
    equal(raw.parse()._request_id, raw.headers["x-request-id"])
    equal(int(raw.headers["x-ratelimit-remaining-requests"]) < int(raw.headers["x-ratelimit-limit-requests"]), True)
    equal((raw.headers["content-type"], raw.headers["openai-version"]), ("application/json", "2020-10-01"))


def leaving_and_timeout():
    stream = client().chat.completions.create(model=CHAT, messages=user("[[tokens:3000]]"), stream=True)
    next(iter(stream))
    stream.close()
    try:
        client(timeout=0.2).chat.completions.create(model=CHAT, messages=user("[[fail:stall-first:3000]]"))
    except openai.APITimeoutError:
        return
    raise AssertionError("no timeout")


async def many():
    async with client(AsyncOpenAI) as one:

        async def ask(at):
            text = f"stream {at} " + "word " * 20 + str(at)
            stream = await one.chat.completions.create(model=CHAT, messages=user(f"[[say:{text}]]"), stream=True)
            return text == "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        equal(all(await asyncio.gather(*(ask(at) for at in range(20)))), True)


def many_at_once():
    asyncio.run(many())


CHECKS = [
    chat, chat_stream, no_usage_unasked, stream_helper, stop_and_length, logprobs, tools, structured, embeddings, completions, models,
    errors, stream_errors, quota_is_not_retried, overload_is_retried, raw_headers, leaving_and_timeout, many_at_once,
]  # fmt: skip

for check in CHECKS:
    try:
        check()
        outcome = {"check": check.__name__, "ok": True}
    except Exception:  # noqa: BLE001 - a failed check must not hide the others
        outcome = {"check": check.__name__, "ok": False, "why": traceback.format_exc(limit=-2)}
    print(json.dumps(outcome), flush=True)
print(json.dumps({"check": "end", "ok": True, "client": openai.__version__, "python": sys.version.split()[0]}), flush=True)
