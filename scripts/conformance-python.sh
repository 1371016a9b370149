#!/usr/bin/env bash
# Installs OpenAI's Python client beside npm's packages, where test/conformance looks for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

client="openai==3.54.0"
home=node_modules/.cache/python
if ! "$home/bin/python" -c "import openai" 2>/dev/null; then
  mkdir -p "$(dirname "$home")"
  python3 -m venv --clear "$home"
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check "$client"
fi
"$home/bin/python" -c 'import openai; print("openai-python", openai.__version__)'
