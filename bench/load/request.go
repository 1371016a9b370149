package main

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const connectMax = 10 * time.Second

// filler has what real prompts have: text outside ASCII, escapes, line breaks.
const filler = "Please summarise the following maintenance log, keep every number, and answer in Polish: zażółć gęślą jaźń; \\\"quoted\\\" text,\\ttabs and\\nnew lines are all part of it. "

// requestBytes is the whole request, head and body: all requests of a measurement are equal.
func requestBytes(s *settings, target *url.URL) []byte {
	body := bodyText(s)
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAccept: */*\r\n", target.RequestURI(), target.Host)
	if s.key != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", s.key)
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return []byte(b.String())
}

// bodyText is as long as asked for, or as short as it can be.
func bodyText(s *settings) string {
	stamped := 0
	if s.stamped {
		stamped = 1
	}
	before := fmt.Sprintf(`{"model":%q,"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"@c=%d;i=%d;t=%d@ `,
		s.model, s.chunks, s.intervalUs, stamped)
	after := `"}],"max_tokens":512,"temperature":0.7}`
	if s.stream {
		after = `"}],"max_tokens":512,"temperature":0.7,"stream":true,"stream_options":{"include_usage":true}}`
	}
	room := s.bodyBytes - len(before) - len(after)
	if room < 0 {
		room = 0
	}
	return before + strings.Repeat(filler, room/len(filler)) + strings.Repeat("x", room%len(filler)) + after
}

type connection struct {
	socket net.Conn
	reader *bufio.Reader
	kept   []byte // the start of an answer that is no stream
	line   []byte // an SSE line that has begun
}

type pool struct {
	address string
	opened  atomic.Int64
	mutex   sync.Mutex
	idle    []*connection
}

// take gives an idle connection, or a new one; and whether it was used before.
func (p *pool) take(fresh bool) (*connection, bool, error) {
	p.mutex.Lock()
	if last := len(p.idle) - 1; last >= 0 && !fresh {
		c := p.idle[last]
		p.idle = p.idle[:last]
		p.mutex.Unlock()
		return c, true, nil
	}
	p.mutex.Unlock()
	socket, err := net.DialTimeout("tcp", p.address, connectMax)
	if err != nil {
		return nil, false, err
	}
	p.opened.Add(1)
	return &connection{socket: socket, reader: bufio.NewReaderSize(socket, 8<<10)}, false, nil
}

func (p *pool) give(c *connection) {
	p.mutex.Lock()
	p.idle = append(p.idle, c)
	p.mutex.Unlock()
}
