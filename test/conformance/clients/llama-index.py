"""LlamaIndex for Python: OpenAILike and OpenAIEmbedding as an application uses them."""

import gc
from importlib.metadata import version

import openai
from checks import (
    BASE_URL, CHAT, KEY, KEYS, LONG, VECTORS,
    check, during, equal, freed, patient, refused, run_all, said, saying, statuses, true, while_occupied,
)  # fmt: skip
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel


def llm(key=KEY, **options):
    return OpenAILike(
        **{
            "model": CHAT,
            "api_base": BASE_URL,
            "api_key": key,
            "is_chat_model": True,
            "is_function_calling_model": True,
            "context_window": 32_000,
            "max_tokens": 4,
            "max_retries": 0,
            **options,
        }
    )


def user(content):
    return [ChatMessage(role="user", content=content)]


@check("chat")
def chat():
    answer = llm(max_tokens=40).chat(user(saying("Guten Tag")))
    said(answer.message.content, "Guten Tag")
    true(answer.raw.usage.completion_tokens > 0)


@check("chat-stream")
def chat_stream():
    deltas = [part.delta or "" for part in llm(max_tokens=40).stream_chat(user(saying("eins zwei drei")))]
    said("".join(deltas), "eins zwei drei")


@check("complete")
def complete():
    said(llm(max_tokens=40).complete(saying("abc def")).text, "abc def")


@check("completions", "completions")
def completions():
    plain = llm(max_tokens=40, is_chat_model=False, is_function_calling_model=False)
    said(plain.complete(saying("abc def")).text, "abc def")
    said("".join(part.delta or "" for part in plain.stream_complete(saying("abc def"))), "abc def")


def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


WEATHER = FunctionTool.from_defaults(get_weather)


@check("tools", "tools")
def tools():
    model = llm(max_tokens=200)
    answer = model.chat_with_tools([WEATHER], user_msg="weather in Bremen?", tool_required=True)
    (call, *_) = model.get_tool_calls_from_response(answer)
    equal((call.tool_name, type(call.tool_kwargs["city"])), ("get_weather", str))


@check("tools-stream", "tools")
def tools_stream():
    model = llm(max_tokens=200)
    *_, last = model.stream_chat_with_tools([WEATHER], user_msg="weather in Bremen?", tool_required=True)
    (call, *_) = model.get_tool_calls_from_response(last)
    equal((call.tool_name, type(call.tool_kwargs["city"])), ("get_weather", str))


@check("tools-call", "tools")
def tools_call():
    true("sunny in" in str(llm(max_tokens=200).predict_and_call([WEATHER], user_msg="weather in Bremen?")))


class Person(BaseModel):
    name: str
    age: int


def structured(**options):
    answer = llm(max_tokens=400, **options).as_structured_llm(Person).chat(user("Who? Answer in JSON."))
    equal(type(answer.raw), Person)


check("structured-json-schema", "structured")(lambda: structured(should_use_structured_outputs=True))
check("structured-function-calling", "tools")(lambda: structured())


@check("embeddings", "embeddings")
def embeddings():
    vectors = OpenAIEmbedding(model_name=VECTORS, api_base=BASE_URL, api_key=KEY, max_retries=0)
    many = vectors.get_text_embedding_batch(["hello", "world"])
    equal((len(many), len(many[0])), (2, len(vectors.get_query_embedding("hello"))))


def refusal(name, needs, kind, code, call):
    @check(name, *needs)
    def judged():
        error, seen = during(lambda: refused(call, kind))
        equal((error.code, len(seen)), (code, 1))


refusal("error-400", [], openai.BadRequestError, "context_length_exceeded", lambda: llm().chat(user("word " * 200_000)))
refusal("error-401", [], openai.AuthenticationError, "invalid_api_key", lambda: llm("sk-wrong").chat(user("hi")))
refusal("error-404", [], openai.NotFoundError, "model_not_found", lambda: llm(model="gpt-4").chat(user("hi")))
refusal("error-429-quota", ["broke"], openai.RateLimitError, "insufficient_quota", lambda: llm(KEYS["broke"]).chat(user("hi")))
refusal("error-503", ["directives"], openai.InternalServerError, "engine_overloaded", lambda: llm().chat(user("[[fail:503]]")))


@check("error-403", "lawless")
def error_403():
    equal(refused(lambda: llm(KEYS["lawless"]).chat(user("hi")), openai.PermissionDeniedError).type, "permission_error")


@check("retry-503", "directives")
def retry_503():
    _, seen = during(lambda: refused(lambda: llm(max_retries=1).chat(user("[[fail:503:1]]"))))
    equal(set(statuses(seen)), {503})
    true(len(seen) >= 2, "it tried again")


@check("retry-after-429", "paced")
def retry_after_429():
    seen = while_occupied(lambda: llm(KEYS["paced"], max_retries=3).chat(user("hi")))
    equal((statuses(seen)[0], statuses(seen)[-1]), (429, 200))
    patient(seen)


@check("stream-error", "directives")
def stream_error():
    error = refused(lambda: list(llm(max_tokens=9).stream_chat(user("[[fail:error:3]][[tokens:9]]"))), openai.APIError)
    equal(error.code, "engine_failed")


@check("abort", "paced")
def abort():
    parts = llm(KEYS["paced"], max_tokens=3000).stream_chat(user(LONG))
    next(parts)
    parts.close()
    del parts
    gc.collect()  # it leaves the answer to whoever sweeps up
    freed(1)


run_all(f"llama-index-llms-openai-like {version('llama-index-llms-openai-like')}, openai {openai.__version__}")
