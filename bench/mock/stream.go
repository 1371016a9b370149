package main

import (
	"strconv"
	"time"
)

const streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nServer: mock\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n"

// stream writes the role, the content chunks at their instants, the finish, the usage when asked for, and the end.
func (s *session) stream(d directive, usage bool) error {
	counters.opened()
	defer counters.open.Add(-1)
	time.Sleep(time.Duration(d.firstUs) * time.Microsecond)
	start := time.Now()
	s.out = append(s.out[:0], streamHead...)
	s.event = append(s.event[:0], `{"id":"chatcmpl-0123456789abcdef0123456789abcdef","object":"chat.completion.chunk","created":1760000000,"model":"`...)
	s.event = append(s.event, *model...)
	base := len(s.event)
	s.frame(base, `","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}`)
	interval := time.Duration(d.intervalUs) * time.Microsecond
	if interval > 0 {
		if err := s.flush(); err != nil {
			return err
		}
	}
	for k := 0; k < d.chunks; k++ {
		if interval > 0 {
			time.Sleep(time.Until(start.Add(time.Duration(k) * interval)))
		}
		s.chunk(base, d.stamped == 1)
		if err := s.flush(); err != nil {
			return err
		}
	}
	counters.chunks.Add(int64(d.chunks))
	return s.end(base, d.chunks, usage)
}

func (s *session) chunk(base int, stamped bool) {
	s.event = append(s.event[:base], `","choices":[{"index":0,"delta":{"content":"`...)
	if stamped {
		s.event = append(s.event, "t="...)
		s.event = strconv.AppendInt(s.event, time.Now().UnixNano(), 10)
		s.event = append(s.event, ' ')
	} else {
		s.event = append(s.event, " token"...)
	}
	s.frame(len(s.event), `"},"logprobs":null,"finish_reason":null}]}`)
}

func (s *session) end(base, chunks int, usage bool) error {
	s.frame(base, `","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop","stop_reason":null}]}`)
	if usage {
		s.event = append(s.event[:base], `","choices":[],"usage":{"prompt_tokens":21,"total_tokens":`...)
		s.event = strconv.AppendInt(s.event, int64(21+chunks), 10)
		s.event = append(s.event, `,"completion_tokens":`...)
		s.event = strconv.AppendInt(s.event, int64(chunks), 10)
		s.frame(len(s.event), `}}`)
	}
	s.event = s.event[:base]
	s.raw([]byte("[DONE]"))
	s.out = append(s.out, "0\r\n\r\n"...)
	return s.flush()
}

// frame completes the event, which keeps its first `base` bytes, and puts it out.
func (s *session) frame(base int, rest string) {
	s.event = append(s.event[:base], rest...)
	s.raw(s.event)
}

// raw puts one event into a chunk of its own.
func (s *session) raw(payload []byte) {
	s.out = strconv.AppendInt(s.out, int64(len("data: ")+len(payload)+len("\n\n")), 16)
	s.out = append(s.out, "\r\ndata: "...)
	s.out = append(s.out, payload...)
	s.out = append(s.out, "\n\n\r\n"...)
}

func (s *session) flush() error {
	_, err := s.client.Write(s.out)
	s.out = s.out[:0]
	return err
}
