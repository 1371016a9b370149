#!/usr/bin/env bash
# Installs the Python clients beside npm's packages, where test/conformance and the examples look for them: OpenAI's client in its
# current major with what builds on it, and in the major before with what still needs that one. With --check it only looks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache=node_modules/.cache
wanted=test/conformance/clients/requirements

# Whether an environment holds what its list asks for: the list is copied into it when its installation has ended.
is_ready() { cmp --silent "$wanted-$1.txt" "$cache/$1/requirements.txt" && [ -x "$cache/$1/bin/python" ]; }

install() {
  python3 -m venv --clear "$cache/$1"
  "$cache/$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$wanted-$1.txt"
  cp "$wanted-$1.txt" "$cache/$1/requirements.txt"
}

mkdir -p "$cache"
for name in python-previous python; do
  if is_ready "$name"; then continue; fi
  if [ "${1:-}" = --check ]; then exit 1; fi
  install "$name"
done

# LangChain counts tokens by a vocabulary that it would fetch from far away; LlamaIndex brings the same one along.
if [ ! -d "$cache/tiktoken" ]; then
  cp -R "$cache"/python-previous/lib/python3*/site-packages/llama_index/core/_static/tiktoken_cache "$cache/tiktoken"
fi
for name in python python-previous; do "$cache/$name/bin/python" -c 'import openai; print("openai-python", openai.__version__)'; done
