"""What every Python client's script shares: its target, its checks one after the other, one JSON line for each, and what the witness saw."""

import json
import os
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request

TARGET = json.loads(os.environ["CONFORMANCE_TARGET"])
BASE_URL, KEY, KEYS, WITHOUT = TARGET["baseUrl"], TARGET["key"], TARGET["keys"], TARGET["without"]
CHAT, VECTORS = TARGET["models"]["chat"], TARGET["models"].get("embedding")
DIRECTED = "directives" not in WITHOUT
LONG = "[[tokens:3000]]" if DIRECTED else "Count from 1 to 2000 in words, one number per line."
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}

_checks = []


def check(name, *needs):
    """Declares a check; where the target lacks what it needs it is skipped and says so."""

    def declared(run):
        _checks.append((name, needs, run))
        return run

    return declared


def run_all(client):
    """Runs what was declared, in its order. A check that fails hides none of the others."""
    for name, needs, run in _checks:
        lacking = next((need for need in needs if need in WITHOUT), None)
        if lacking is not None:
            _say({"check": name, "skipped": f"the target is without {lacking}"})
            continue
        try:
            run()
            _say({"check": name, "ok": True})
        except BaseException:  # noqa: BLE001
            _say({"check": name, "ok": False, "why": traceback.format_exc(limit=-3)[-2000:]})
    _say({"check": "end", "ok": True, "client": f"{client} on Python {sys.version.split()[0]}"})
    sys.stdout.flush()
    os._exit(0)  # some clients keep threads


def _say(line):
    print(json.dumps(line), flush=True)


def equal(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


def true(got, what=""):
    if not got:
        raise AssertionError(f"not so: {what or got!r}")


def saying(text):
    """A prompt with one certain answer where the target has directives; elsewhere some answer must do."""
    return f"[[say:{text}]]" if DIRECTED else f"Say only this, and nothing else: {text}"


def said(got, text):
    """The answer is that text; where the model thinks for itself, it is any text."""
    if DIRECTED:
        equal(got, text)
    else:
        true(isinstance(got, str) and got, "some text")


def exchanges():
    """Requests that went over the wire so far, as the witness between client and gateway saw them."""
    with urllib.request.urlopen(BASE_URL.removesuffix("/v1") + "/-/exchanges") as answer:
        return json.load(answer)


def during(run):
    """What `run` returned, and the requests that went over the wire meanwhile."""
    before = len(exchanges())
    result = run()
    return result, exchanges()[before:]


def refused(run, kind=Exception):
    """What `run` was refused with."""
    try:
        run()
    except kind as error:
        return error
    raise AssertionError("it was not refused")


def _post(key, **more):
    body = json.dumps({"model": CHAT, "messages": [{"role": "user", "content": "hi"}], **more}).encode()
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    return urllib.request.urlopen(urllib.request.Request(f"{BASE_URL}/chat/completions", body, headers))


def freed(within_s):
    """The gateway holds nothing any more for the key that may have one request at a time: it is asked until it says so."""
    started = time.monotonic()
    while True:
        try:
            with _post(KEYS["paced"], max_tokens=1) as answer:
                answer.read()
            return
        except urllib.error.HTTPError as error:
            error.read()
            true(time.monotonic() - started < within_s, f"still held after {within_s} s: {error.code}")
            time.sleep(0.02)


def while_occupied(run):
    """Something long runs on the key that may have one at a time, until somebody has been refused because of it; gives what went over the wire."""
    holder = _post(KEYS["paced"], messages=[{"role": "user", "content": LONG}], max_tokens=3000, stream=True)
    holder.readline()
    before = len(exchanges())

    def let_go():
        while not any(one.get("status") for one in exchanges()[before:]):
            time.sleep(0.02)
        holder.close()

    thread = threading.Thread(target=let_go, daemon=True)
    thread.start()
    run()
    return exchanges()[before:]


def statuses(seen):
    return [one["status"] for one in seen]


def patient(seen):
    """Between two requests lay the second that `retry-after: 1` asked for."""
    for one, other in zip(seen, seen[1:]):
        true(other["startedMs"] - one["endedMs"] > 900, "it waited")
