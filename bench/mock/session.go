package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

const bodyBytesMax = 32 << 20

// session is one connection with its buffers, which are used again for every request.
type session struct {
	client net.Conn
	reader *bufio.Reader
	path   []byte
	body   []byte
	out    []byte
	event  []byte
}

// head is what the mock looks at in a request's head.
type head struct {
	get, chunked, closing, expects bool
	contentLength                  int
}

func serve(client net.Conn) {
	counters.connections.Add(1)
	defer client.Close()
	s := &session{client: client, reader: bufio.NewReaderSize(client, 16<<10)}
	for {
		h, err := s.readHead()
		if err != nil {
			return
		}
		if h.expects {
			if _, err := io.WriteString(client, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
				return
			}
		}
		if err := s.readBody(h); err != nil {
			return
		}
		if err := s.answer(h); err != nil || h.closing {
			return
		}
	}
}

func (s *session) answer(h head) error {
	switch {
	case bytes.HasSuffix(s.path, []byte("/completions")):
		counters.requests.Add(1)
		d := directiveOf(s.body)
		if isTrue(s.body, `"stream"`) {
			return s.stream(d, isTrue(s.body, `"include_usage"`))
		}
		time.Sleep(time.Duration(d.firstUs) * time.Microsecond)
		return s.write(completion(d.textBytes))
	case string(s.path) == "/v1/models":
		return s.write(modelsAnswer())
	case string(s.path) == "/metrics":
		return s.write(metricsPage())
	case string(s.path) == "/stats":
		return s.write(stats())
	case string(s.path) == "/reset":
		reset()
		return s.write(okAnswer)
	case h.get:
		return s.write(okAnswer)
	}
	return s.write(unknownAnswer)
}

func (s *session) write(bytes []byte) error {
	_, err := s.client.Write(bytes)
	return err
}

func (s *session) readHead() (head, error) {
	line, err := s.reader.ReadSlice('\n')
	if err != nil {
		return head{}, err
	}
	from, to := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ' ')
	if from < 0 || to <= from {
		return head{}, io.ErrUnexpectedEOF
	}
	h := head{get: line[0] == 'G'}
	s.path = append(s.path[:0], line[from+1:to]...)
	if query := bytes.IndexByte(s.path, '?'); query >= 0 {
		s.path = s.path[:query]
	}
	for {
		field, err := s.reader.ReadSlice('\n')
		if err != nil || len(field) <= 2 {
			return h, err
		}
		if err := h.see(field); err != nil {
			return h, err
		}
	}
}

func (h *head) see(field []byte) (err error) {
	colon := bytes.IndexByte(field, ':')
	if colon < 0 {
		return nil
	}
	switch value := bytes.TrimSpace(field[colon+1:]); {
	case named(field[:colon], "content-length"):
		h.contentLength, err = strconv.Atoi(string(value))
		if h.contentLength < 0 || h.contentLength > bodyBytesMax {
			return io.ErrShortBuffer
		}
	case named(field[:colon], "connection"):
		h.closing = strings.EqualFold(string(value), "close")
	case named(field[:colon], "transfer-encoding"):
		h.chunked = bytes.Contains(value, []byte("chunked"))
	case named(field[:colon], "expect"):
		h.expects = true
	}
	return err
}

func named(field []byte, name string) bool {
	return len(field) == len(name) && strings.EqualFold(string(field), name)
}

func (s *session) readBody(h head) error {
	s.body = s.body[:0]
	if !h.chunked {
		return s.readInto(h.contentLength)
	}
	for {
		line, err := s.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 24)
		if err != nil {
			return err
		}
		if err := s.readInto(int(size)); err != nil {
			return err
		}
		if _, err := s.reader.Discard(2); err != nil || size == 0 {
			return err
		}
	}
}

func (s *session) readInto(count int) error {
	start := len(s.body)
	if start+count > bodyBytesMax {
		return io.ErrShortBuffer
	}
	if cap(s.body) < start+count {
		grown := make([]byte, start, (start+count)*3/2)
		copy(grown, s.body)
		s.body = grown
	}
	s.body = s.body[:start+count]
	_, err := io.ReadFull(s.reader, s.body[start:])
	return err
}
