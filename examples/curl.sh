#!/bin/sh
# Chat, stream, models, usage, and a refusal, against a demo that runs (`npm start`): sh examples/curl.sh
# Reads .bailiwick/demo.json in the folder where the demo was started.
set -eu

field() { node -p "JSON.parse(require('fs').readFileSync('.bailiwick/demo.json', 'utf8')).$1"; }

url=$(field baseUrl)
key=$(field 'tenants[0].key')
model=$(field 'tenants[0].models[0]')
refused=$(field 'tenants[0].refused.model')

ask() { # path, body
  curl -sS "$url$1" -H "authorization: Bearer $key" -H "content-type: application/json" -d "$2"
}

echo "# one answer"
ask /chat/completions "{\"model\": \"$model\", \"max_tokens\": 12, \"messages\": [{\"role\": \"user\", \"content\": \"Say hello.\"}]}"
echo
echo
echo "# a stream with its usage"
ask /chat/completions "{\"model\": \"$model\", \"max_tokens\": 3, \"stream\": true, \"stream_options\": {\"include_usage\": true},
  \"messages\": [{\"role\": \"user\", \"content\": \"Say hello.\"}]}"
echo "# what this key may use"
curl -sS "$url/models" -H "authorization: Bearer $key"
echo
echo
echo "# what its project has used today"
curl -sS "$url/organization/usage/completions?start_time=$(date +%s)" -H "authorization: Bearer $key"
echo
echo
echo "# refused before anything is sent: 403, and which rules stood in the way"
ask /chat/completions "{\"model\": \"$refused\", \"messages\": [{\"role\": \"user\", \"content\": \"Say hello.\"}]}"
echo
