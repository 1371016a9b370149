#!/usr/bin/env bash
# Installs the npm clients that test/conformance runs, exactly as their lock file says; quick when nothing is to be done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../test/conformance/clients"

stamp=node_modules/.conformance-lock
if ! cmp --silent package-lock.json "$stamp"; then
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json "$stamp"
fi
