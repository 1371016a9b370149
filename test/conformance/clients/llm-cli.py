"""The `llm` command line, as a person types it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from checks import BASE_URL, CHAT, KEY, KEYS, LONG, check, during, equal, freed, run_all, said, saying, statuses, true, while_occupied

RUN_S_MAX = 30
LLM = str(Path(sys.executable).parent / "llm")
home = tempfile.TemporaryDirectory(prefix="llm-")
models = [
    {"model_id": name, "model_name": model, "api_base": BASE_URL, "api_key_name": "gateway", "supports_schema": True, "supports_tools": True}
    for name, model in (("gateway", CHAT), ("elsewhere", "gpt-4"))
]
# JSON is YAML.
(Path(home.name) / "extra-openai-models.yaml").write_text(json.dumps(models))
(Path(home.name) / "keys.json").write_text(json.dumps({"gateway": KEY}))
ENVIRONMENT = {**os.environ, "LLM_USER_PATH": home.name}


def llm(*args, stdin=None):
    done = subprocess.run([LLM, *args], capture_output=True, text=True, timeout=RUN_S_MAX, env=ENVIRONMENT, input=stdin)  # noqa: S603
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def prompt(*args, model="gateway"):
    return llm("prompt", "-m", model, *args)


def answered(*args):
    code, out, errors = prompt(*args)
    equal((code, errors), (0, ""))
    return out


@check("chat-stream")
def chat_stream():
    said(answered(saying("eins zwei drei")), "eins zwei drei")


@check("chat")
def chat():
    said(answered("--no-stream", saying("Guten Tag")), "Guten Tag")


@check("usage")
def usage():
    for how in ("--stream", "--no-stream"):
        code, _, errors = llm("prompt", "-m", "gateway", *(["--no-stream"] if how == "--no-stream" else []), "-u", saying("abc"))
        equal(code, 0)
        true("input" in errors and "output" in errors, errors)


@check("conversation")
def conversation():
    answered(saying("one"))
    said(answered("-c", saying("two")), "two")


@check("options")
def options():
    true(answered("-o", "max_tokens", "3", "-o", "temperature", "0.5", LONG))


@check("structured", "structured")
def structured():
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"], "additionalProperties": False}
    for more in ([], ["--no-stream"]):
        equal(type(json.loads(answered(*more, "--schema", json.dumps(schema), "Who? Answer in JSON."))["name"]), str)


@check("tools", "tools", "directives")
def tools():
    function = 'def get_weather(city: str) -> str:\n    "The weather of a city."\n    return "sunny"\n'
    for more in ([], ["--no-stream"]):
        (text, seen) = during(lambda: answered(*more, "--functions", function, "weather?"))  # noqa: B023
        true(text)
        equal(statuses(seen), [200, 200])


def refusal(name, needs, told, call):
    @check(name, *needs)
    def judged():
        (code, out, errors), seen = during(call)
        equal((code, out, len(seen)), (1, "", 1))
        true(told in errors, errors)


refusal("error-401", [], "Incorrect API key", lambda: prompt("--key", "sk-wrong", "hi"))
refusal("error-403", ["lawless"], "403", lambda: prompt("--key", KEYS.get("lawless") or "", "hi"))
refusal("error-404", [], "does not exist", lambda: prompt("hi", model="elsewhere"))
refusal("error-429-quota", ["broke"], "budget", lambda: prompt("--key", KEYS.get("broke") or "", "hi"))


@check("retry-503", "directives")
def retry_503():
    (code, _, errors), seen = during(lambda: prompt("[[fail:503:1]]"))
    equal((code, set(statuses(seen)), len(seen)), (1, {503}, 3))
    true("overloaded" in errors, errors)


@check("retry-after-429", "paced")
def retry_after_429():
    seen = while_occupied(lambda: prompt("--key", KEYS["paced"], "hi"))
    equal((statuses(seen)[0], statuses(seen)[-1]), (429, 200))


@check("stream-error", "directives")
def stream_error():
    code, _, errors = prompt("[[fail:error:3]][[tokens:9]]")
    equal(code, 1)
    true("failed to answer" in errors, errors)


@check("abort", "paced")
def abort():
    command = [LLM, "prompt", "-m", "gateway", "--key", KEYS["paced"], LONG]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT)  # noqa: S603
    child.stdout.read(1)
    child.send_signal(signal.SIGINT)
    child.wait(RUN_S_MAX)
    freed(1)


run_all(f"llm {version('llm')}")
