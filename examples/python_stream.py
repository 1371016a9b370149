"""A stream with the official client, against a demo that runs (`npm start`): python3 examples/python_stream.py

Needs `pip install openai`. Reads .bailiwick/demo.json in the folder where the demo was started.
"""

import json

from openai import OpenAI, PermissionDeniedError

with open(".bailiwick/demo.json", encoding="utf-8") as file:
    tenant = json.load(file)["tenants"][0]

client = OpenAI(base_url=tenant["baseUrl"], api_key=tenant["key"])
messages = [{"role": "user", "content": "Say hello."}]

stream = client.chat.completions.create(
    model=tenant["models"][0],
    messages=messages,
    max_tokens=40,
    stream=True,
    stream_options={"include_usage": True},
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
    if chunk.usage:
        print(f"\n{chunk.usage.prompt_tokens} tokens in, {chunk.usage.completion_tokens} out")

# What the tenant's rules refuse is an ordinary error of the client, with the rules that stood in the way.
try:
    client.chat.completions.create(
        model=tenant["refused"]["model"], messages=messages, extra_headers=tenant["refused"]["headers"]
    )
except PermissionDeniedError as error:
    rules = {reason.get("rule") or reason["level"] for reason in error.body["sovereignty"]["denied_by"]}
    print(f"{error.status_code} {error.code}: {', '.join(sorted(rules))}")
