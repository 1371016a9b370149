"""OpenAI's own Python client, in whichever major is installed."""

import asyncio
import json

import openai
from checks import (
    BASE_URL, CHAT, CITY, DIRECTED, KEY, KEYS, LONG, VECTORS,
    check, during, equal, freed, patient, refused, run_all, said, saying, statuses, true, while_occupied,
)  # fmt: skip
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel


def client(kind=OpenAI, key=KEY, **options):
    return kind(base_url=BASE_URL, api_key=key, **{"max_retries": 0, **options})


def user(content):
    return [{"role": "user", "content": content}]


def ask(key=KEY, options=None, **more):
    return client(key=key, **(options or {})).chat.completions.create(
        **{"model": CHAT, "messages": user("hi"), "max_completion_tokens": 4, **more}
    )


@check("chat")
def chat():
    answer = ask(messages=user(saying("Guten Tag")), max_completion_tokens=40)
    equal((answer.object, answer.model, len(answer._request_id)), ("chat.completion", CHAT, 32))
    said(answer.choices[0].message.content, "Guten Tag")
    equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)


@check("chat-stream")
def chat_stream():
    asked = {"messages": user(saying("eins zwei")), "max_completion_tokens": 40}
    chunks = list(ask(**asked, stream=True, stream_options={"include_usage": True}))
    said("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), "eins zwei")
    equal(chunks[0].choices[0].delta.role, "assistant")
    equal((chunks[-1].choices, chunks[-1].usage.completion_tokens > 0), ([], True))
    equal(len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}), 1)


@check("stream-no-usage-unasked")
def no_usage_unasked():
    for chunk in ask(stream=True):
        equal((len(chunk.choices), chunk.usage), (1, None))


@check("stream-helper", "n")
def stream_helper():
    with client().chat.completions.stream(model=CHAT, messages=user(saying("a b c")), max_completion_tokens=20, n=2) as stream:
        final = stream.until_done().get_final_completion()
    for choice in final.choices:
        said(choice.message.content, "a b c")
    equal(len(final.choices), 2)


@check("stop-and-length")
def stop_and_length():
    cut = ask(messages=user(LONG), max_completion_tokens=3)
    equal((cut.usage.completion_tokens, cut.choices[0].finish_reason), (3, "length"))
    said(ask(messages=user(saying("one two three")), stop=" three", max_completion_tokens=40).choices[0].message.content, "one two")


@check("logprobs", "logprobs")
def logprobs():
    content = ask(logprobs=True, top_logprobs=2).choices[0].logprobs.content
    true(all(token.logprob <= 0 and len(token.top_logprobs) >= 2 for token in content))


TOOLS = [{"type": "function", "function": {"name": name, "parameters": CITY, "strict": True}} for name in ("get_weather", "get_time")]


def tools(choice, name):
    asked = {
        "model": CHAT,
        "messages": user("What is the weather in Bremen? Use a tool."),
        "tools": TOOLS,
        "tool_choice": choice,
        "max_completion_tokens": 200,
    }
    with client().chat.completions.stream(**asked) as stream:
        streamed = stream.get_final_completion()
    for answer in (client().chat.completions.create(**asked), streamed):
        call = answer.choices[0].message.tool_calls[0]
        equal(("city" in json.loads(call.function.arguments), bool(call.id)), (True, True))
        if name is not None:
            equal(call.function.name, name)


check("tools-auto", "tools")(lambda: tools("auto", "get_weather" if DIRECTED else None))
check("tools-required", "tools")(lambda: tools("required", "get_weather" if DIRECTED else None))
check("tools-named", "tools")(lambda: tools({"type": "function", "function": {"name": "get_time"}}, "get_time"))


class Person(BaseModel):
    name: str
    age: int


@check("structured", "structured")
def structured():
    asked = {"model": CHAT, "messages": user("Who? Answer in JSON."), "response_format": Person, "max_completion_tokens": 400}
    equal(type(client().chat.completions.parse(**asked).choices[0].message.parsed), Person)
    with client().chat.completions.stream(**asked) as stream:
        equal(type(stream.get_final_completion().choices[0].message.parsed), Person)


@check("embeddings", "embeddings")
def embeddings():
    floats = client().embeddings.create(model=VECTORS, input=["hello", "world"], encoding_format="float")
    packed = client().embeddings.create(model=VECTORS, input=["hello", "world"])
    for one, other in zip(floats.data, packed.data, strict=True):
        true(max(abs(a - b) for a, b in zip(one.embedding, other.embedding, strict=True)) < 1e-6, "floats and base64 agree")


@check("embeddings-of-token-ids", "embeddings")
def embeddings_of_token_ids():
    equal(len(client().embeddings.create(model=VECTORS, input=[[1, 2], [3]]).data), 2)
    equal(len(client().embeddings.create(model=VECTORS, input=[1, 2, 3]).data), 1)


@check("completions", "completions")
def completions():
    asked = {"model": CHAT, "prompt": saying("abc def"), "max_tokens": 20}
    said(client().completions.create(**asked).choices[0].text, "abc def")
    said("".join(chunk.choices[0].text for chunk in client().completions.create(**asked, stream=True) if chunk.choices), "abc def")


@check("responses", "responses")
def responses():
    answer = client().responses.create(model=CHAT, input=saying("Guten Tag"), store=False, max_output_tokens=40)
    equal((answer.object, answer.status, answer.model), ("response", "completed", CHAT))
    said(answer.output_text, "Guten Tag")


@check("responses-stream", "responses")
def responses_stream():
    asked = {"model": CHAT, "input": saying("eins zwei"), "store": False, "max_output_tokens": 40}
    with client().responses.stream(**asked) as stream:
        events = list(stream)
        said(stream.get_final_response().output_text, "eins zwei")
    equal((events[0].type, events[-1].type), ("response.created", "response.completed"))
    raw = list(client().responses.create(**asked, stream=True))
    equal([event.sequence_number for event in raw], list(range(len(raw))))


@check("responses-tools", "responses", "tools")
def responses_tools():
    tools = [{"type": "function", "name": "get_weather", "parameters": CITY, "strict": True}]
    asked = {"model": CHAT, "input": "What is the weather in Bremen? Use the tool.", "tools": tools, "tool_choice": "required"}
    answer = client().responses.create(**asked, store=False, max_output_tokens=200)
    call = next(item for item in answer.output if item.type == "function_call")
    equal((call.name, type(json.loads(call.arguments)["city"])), ("get_weather", str))


@check("responses-structured", "responses", "structured")
def responses_structured():
    asked = {"model": CHAT, "input": "Who? Answer in JSON.", "store": False, "max_output_tokens": 400}
    equal(type(client().responses.parse(**asked, text_format=Person).output_parsed), Person)


@check("models")
def models():
    listed = [model.id for model in client().models.list()]
    true(CHAT in listed, listed)
    for name in listed:
        equal(client().models.retrieve(name).id, name)


def refusal(name, *needs):
    def declared(run):
        def judged():
            kind, call, expected = run()
            error, seen = during(lambda: refused(call, kind))
            for member, value in expected.items():
                equal(getattr(error, member), value)
            equal((len(error.request_id), len(seen)), (32, 1))

        return check(name, *needs)(judged)

    return declared


refusal("error-400")(
    lambda: (openai.BadRequestError, lambda: ask(max_completion_tokens=-1), {"status_code": 400, "param": "max_completion_tokens"})
)
refusal("error-400-too-long")(
    lambda: (openai.BadRequestError, lambda: ask(messages=user("word " * 200_000)), {"code": "context_length_exceeded"})
)
refusal("error-401")(lambda: (openai.AuthenticationError, lambda: ask(key="sk-wrong"), {"code": "invalid_api_key"}))
refusal("error-403", "lawless")(lambda: (openai.PermissionDeniedError, lambda: ask(key=KEYS["lawless"]), {"type": "permission_error"}))
refusal("error-404")(lambda: (openai.NotFoundError, lambda: ask(model="gpt-4"), {"code": "model_not_found", "param": "model"}))
refusal("error-404-route")(lambda: (openai.NotFoundError, lambda: client().files.list(), {"code": None}))
refusal("error-429-quota", "broke")(
    lambda: (openai.RateLimitError, lambda: ask(KEYS["broke"], {"max_retries": 2}), {"code": "insufficient_quota"})
)
refusal("error-502", "directives")(
    lambda: (openai.InternalServerError, lambda: ask(messages=user("[[fail:500]]")), {"status_code": 502, "code": "engine_failed"})
)
refusal("error-503", "directives")(
    lambda: (openai.InternalServerError, lambda: ask(messages=user("[[fail:503]]")), {"status_code": 503, "code": "engine_overloaded"})
)


@check("retry-503", "directives")
def retry_503():
    _, seen = during(lambda: refused(lambda: ask(options={"max_retries": 1}, messages=user("[[fail:503:1]]"))))
    equal(statuses(seen), [503, 503])
    patient(seen)


@check("retry-after-429", "paced")
def retry_after_429():
    seen = while_occupied(lambda: ask(KEYS["paced"], {"max_retries": 2}))
    equal(statuses(seen), [429, 200])
    patient(seen)


@check("stream-error", "directives")
def stream_error():
    def read(order):
        for _ in ask(messages=user(f"{order}[[tokens:9]]"), max_completion_tokens=9, stream=True):
            pass

    equal(refused(lambda: read("[[fail:error:3]]"), openai.APIError).code, "engine_failed")
    refused(lambda: read("[[fail:cut:3]]"))


@check("abort", "paced")
def abort():
    stream = ask(KEYS["paced"], messages=user(LONG), max_completion_tokens=3000, stream=True)
    next(iter(stream))
    stream.close()
    freed(1)


@check("timeout", "directives")
def timeout():
    refused(lambda: ask(options={"timeout": 0.2}, messages=user("[[fail:stall-first:3000]]")), openai.APITimeoutError)


@check("raw-headers")
def raw_headers():
    asked = {"model": CHAT, "messages": user("hi"), "max_tokens": 4}
    raw = client().chat.completions.with_raw_response.create(**asked)
    equal(raw.parse()._request_id, raw.headers["x-request-id"])
    equal((raw.headers["content-type"], raw.headers["openai-version"]), ("application/json", "2020-10-01"))


@check("20-at-once")
def many_at_once():
    async def many():
        async with client(AsyncOpenAI) as one:

            async def ask_one(at):
                text = f"stream {at} " + "word " * 10 + str(at)
                asked = {"model": CHAT, "messages": user(saying(text)), "max_completion_tokens": 40}
                stream = await one.chat.completions.create(**asked, stream=True)
                said("".join([chunk.choices[0].delta.content or "" async for chunk in stream]), text)

            await asyncio.gather(*(ask_one(at) for at in range(20)))

    asyncio.run(many())


run_all(f"openai-python {openai.__version__}")
