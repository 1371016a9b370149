package main

import (
	"bytes"
	"time"
)

var (
	dataField  = []byte("data:")
	doneMark   = []byte("[DONE]")
	stampMark  = []byte(`"t=1`)
	tokenText  = []byte(`" token"`)
	usageField = []byte(`"completion_tokens"`)
	errorField = []byte(`"error"`)
)

// lines takes the stream in whatever pieces it arrives.
func (r *reply) lines(c *connection, part []byte) {
	for len(part) > 0 {
		end := bytes.IndexByte(part, '\n')
		if end < 0 {
			c.line = append(c.line, part...)
			return
		}
		line := part[:end]
		if len(c.line) > 0 {
			c.line = append(c.line, line...)
			line = c.line
		}
		if bytes.HasPrefix(line, dataField) {
			r.event(line[len(dataField):])
		}
		c.line = c.line[:0]
		part = part[end+1:]
	}
}

func (r *reply) event(data []byte) {
	now := time.Now()
	sinceNs := now.Sub(r.intended).Nanoseconds()
	if r.firstNs == 0 {
		r.firstNs = sinceNs
	}
	switch {
	case r.content(data, now):
		if r.paced && r.contentChunks > 0 {
			r.gapsMs = append(r.gapsMs, ms(sinceNs-r.lastNs))
		}
		r.lastNs = sinceNs
		r.contentChunks++
	case bytes.Equal(bytes.TrimSpace(data), doneMark):
		r.ended = true
	case bytes.Contains(data, usageField):
		r.usage = true
	case bytes.Contains(data, errorField):
		r.errorEvent = string(data[:least(len(data), 200)])
	}
}

// content tells a content chunk, and takes its one-way delay from the send time that it carries: client and mock share a clock.
func (r *reply) content(data []byte, now time.Time) bool {
	if !r.load.stamped {
		return bytes.Contains(data, tokenText)
	}
	at := bytes.Index(data, stampMark)
	if at < 0 {
		return false
	}
	var sentNs int64
	for _, digit := range data[at+len(stampMark)-1:] {
		if digit < '0' || digit > '9' {
			break
		}
		sentNs = sentNs*10 + int64(digit-'0')
	}
	r.delaysMs = append(r.delaysMs, ms(now.UnixNano()-sentNs))
	return true
}

func ms(ns int64) float32 {
	return float32(float64(ns) / 1e6)
}
