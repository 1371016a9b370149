"""LangChain for Python: ChatOpenAI and OpenAIEmbeddings as an application uses them."""

from importlib.metadata import version

import openai
from checks import (
    BASE_URL, CHAT, DIRECTED, KEY, KEYS, LONG, VECTORS,
    check, during, equal, freed, patient, refused, run_all, said, saying, statuses, true, while_occupied,
)  # fmt: skip
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel


def chat(key=KEY, **options):
    return ChatOpenAI(**{"model": CHAT, "api_key": key, "base_url": BASE_URL, "max_retries": 0, "max_tokens": 4, **options})


@check("chat")
def invoke():
    answer = chat(max_tokens=40).invoke(saying("Guten Tag"))
    said(answer.text, "Guten Tag")
    true(answer.usage_metadata["output_tokens"] > 0)
    equal(answer.response_metadata["model_name"], CHAT)


@check("chat-stream")
def stream():
    whole = None
    for chunk in chat(max_tokens=40, stream_usage=True).stream(saying("eins zwei drei")):
        whole = chunk if whole is None else whole + chunk
    said(whole.text, "eins zwei drei")
    true(whole.usage_metadata["output_tokens"] > 0)


@check("batch")
def batch():
    for answer, text in zip(chat(max_tokens=20).batch([saying(text) for text in "abc"]), "abc", strict=True):
        said(answer.text, text)


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


@check("tools", "tools")
def tools():
    (call, *_) = chat(max_tokens=200).bind_tools([get_weather], tool_choice="required").invoke("weather in Bremen?").tool_calls
    equal((call["name"], type(call["args"]["city"])), ("get_weather", str))


@check("tools-stream", "tools")
def tools_stream():
    whole = None
    for chunk in chat(max_tokens=200).bind_tools([get_weather], tool_choice="required").stream("weather?"):
        whole = chunk if whole is None else whole + chunk
    equal((whole.tool_calls[0]["name"], type(whole.tool_calls[0]["args"]["city"])), ("get_weather", str))


@check("tools-round-trip", "tools", "directives")
def round_trip():
    bound = chat(max_tokens=200).bind_tools([get_weather])
    messages = [HumanMessage("weather?")]
    messages.append(bound.invoke(messages))
    (call,) = messages[-1].tool_calls
    messages.append(ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"]))
    true(bound.invoke(messages).text)


class Person(BaseModel):
    name: str
    age: int


def structured(method):
    asked = chat(max_tokens=400).with_structured_output(Person, method=method)
    equal(type(asked.invoke("Who? Answer in JSON.")), Person)


check("structured-json_schema", "structured")(lambda: structured("json_schema"))
check("structured-function_calling", "tools")(lambda: structured("function_calling"))


def vectors(**options):
    return OpenAIEmbeddings(model=VECTORS, api_key=KEY, base_url=BASE_URL, max_retries=0, **options)


@check("embeddings-of-token-ids", "embeddings")
def embeddings_of_token_ids():
    """As it is by default: it counts and cuts tokens by itself, and sends their ids."""
    many = vectors().embed_documents(["hello", "world"])
    equal((len(many), len(many[0])), (2, len(vectors().embed_query("hello"))))


@check("embeddings", "embeddings")
def embeddings():
    plain = vectors(check_embedding_ctx_length=False)
    many = plain.embed_documents(["hello", "world"])
    equal((len(many), len(many[0])), (2, len(plain.embed_query("hello"))))


@check("responses", "responses")
def responses():
    model = chat(max_tokens=40, use_responses_api=True, store=False)
    said(model.invoke(saying("Guten Tag")).text, "Guten Tag")
    said("".join(chunk.text for chunk in model.stream(saying("eins zwei"))), "eins zwei")


def refusal(name, needs, kind, code, call):
    @check(name, *needs)
    def judged():
        error, seen = during(lambda: refused(call, kind))
        equal((error.code, len(seen)), (code, 1))


refusal("error-400", [], openai.BadRequestError, "context_length_exceeded", lambda: chat().invoke("word " * 200_000))
refusal("error-401", [], openai.AuthenticationError, "invalid_api_key", lambda: chat("sk-wrong").invoke("hi"))
refusal("error-404", [], openai.NotFoundError, "model_not_found", lambda: chat(model="gpt-4").invoke("hi"))
refusal("error-429-quota", ["broke"], openai.RateLimitError, "insufficient_quota", lambda: chat(KEYS["broke"], max_retries=2).invoke("hi"))
refusal("error-503", ["directives"], openai.InternalServerError, "engine_overloaded", lambda: chat().invoke("[[fail:503]]"))


@check("error-403", "lawless")
def error_403():
    equal(refused(lambda: chat(KEYS["lawless"]).invoke("hi"), openai.PermissionDeniedError).type, "permission_error")


@check("retry-503", "directives")
def retry_503():
    _, seen = during(lambda: refused(lambda: chat(max_retries=1).invoke("[[fail:503:1]]")))
    equal(statuses(seen), [503, 503])
    patient(seen)


@check("retry-after-429", "paced")
def retry_after_429():
    seen = while_occupied(lambda: chat(KEYS["paced"], max_retries=2).invoke("hi"))
    equal(statuses(seen), [429, 200])
    patient(seen)


@check("stream-error", "directives")
def stream_error():
    error = refused(lambda: list(chat(max_tokens=9).stream("[[fail:error:3]][[tokens:9]]")), openai.APIError)
    equal(error.code, "engine_failed")


@check("abort", "paced")
def abort():
    chunks = chat(KEYS["paced"], max_tokens=3000).stream(LONG)
    next(chunks)
    chunks.close()
    freed(1)


run_all(f"langchain-openai {version('langchain-openai')}, openai {openai.__version__}")
