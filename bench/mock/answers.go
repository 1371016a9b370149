package main

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

type counts struct {
	requests, streams, chunks, connections, open, openMax atomic.Int64
}

var (
	counters      counts
	completions   sync.Map // bytes of text -> []byte, the whole response
	okAnswer      = response("200 OK", `{"status":"ok"}`)
	unknownAnswer = response("404 Not Found", `{"error":{"message":"no such path","code":404}}`)
)

// opened counts a stream that begins, and the most that were ever open.
func (c *counts) opened() {
	c.streams.Add(1)
	now := c.open.Add(1)
	for most := c.openMax.Load(); now > most && !c.openMax.CompareAndSwap(most, now); {
		most = c.openMax.Load()
	}
}

func reset() {
	counters.requests.Store(0)
	counters.streams.Store(0)
	counters.chunks.Store(0)
	counters.connections.Store(0)
	counters.openMax.Store(counters.open.Load())
}

func stats() []byte {
	return response("200 OK", fmt.Sprintf(`{"requests":%d,"streams":%d,"chunks":%d,"connections":%d,"open":%d,"open_max":%d}`,
		counters.requests.Load(), counters.streams.Load(), counters.chunks.Load(), counters.connections.Load(), counters.open.Load(), counters.openMax.Load()))
}

func modelsAnswer() []byte {
	return response("200 OK", fmt.Sprintf(`{"object":"list","data":[{"id":%q,"object":"model","created":1760000000,"owned_by":"vllm","root":%q,"parent":null,"max_model_len":131072}]}`, *model, *model))
}

// metricsPage is as long as an engine's: whoever reads it to learn of the load shall pay what it costs.
func metricsPage() []byte {
	return response("200 OK", fmt.Sprintf("%svllm:num_requests_running{model_name=%q} %d\nvllm:num_requests_waiting{model_name=%q} 0\nvllm:kv_cache_usage_perc{model_name=%q} 0.1\n",
		otherMetrics, *model, counters.open.Load(), *model, *model))
}

var otherMetrics = strings.Repeat("vllm:time_to_first_token_seconds_bucket{le=\"0.5\",model_name=\"mock-model\"} 12345.0\n", 800)

func response(status, body string) []byte {
	return []byte(fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: application/json\r\nServer: mock\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body))
}

// completion is made once for each length of text.
func completion(textBytes int) []byte {
	if made, ok := completions.Load(textBytes); ok {
		return made.([]byte)
	}
	const words = "the quick brown fox jumps over the lazy dog and then considers its options before "
	text := strings.Repeat(words, textBytes/len(words)+1)[:textBytes]
	made := response("200 OK", fmt.Sprintf(`{"id":"chatcmpl-0123456789abcdef0123456789abcdef","object":"chat.completion","created":1760000000,"model":%q,`+
		`"choices":[{"index":0,"message":{"role":"assistant","content":%q,"refusal":null,"annotations":null,"tool_calls":[],"reasoning_content":null},"logprobs":null,"finish_reason":"stop","stop_reason":null}],`+
		`"service_tier":null,"system_fingerprint":null,"usage":{"prompt_tokens":21,"total_tokens":53,"completion_tokens":32,"prompt_tokens_details":null},"prompt_logprobs":null}`, *model, text))
	completions.Store(textBytes, made)
	return made
}
