package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

const keptBytesMax = 4096

// errUnanswered: the connection ended before the first byte of an answer.
var errUnanswered = errors.New("no answer on this connection")

// reply is what came of one request. Times count from the intended start.
type reply struct {
	load                *load
	intended            time.Time
	paced               bool
	firstNs, totalNs    int64
	lastNs              int64
	contentChunks       int
	ended, usage        bool
	failure, errorEvent string
	gapsMs, delaysMs    []float32
}

// exchange sends the request and reads the answer whole; keep says whether the connection can be used again.
func (r *reply) exchange(c *connection) (keep bool, err error) {
	if err = c.socket.SetDeadline(time.Now().Add(r.load.timeout)); err != nil {
		return false, err
	}
	if _, err = c.socket.Write(r.load.request); err != nil {
		return false, errUnanswered
	}
	status, length, keep, err := readHead(c)
	if err != nil {
		return false, err
	}
	streamed := r.load.stream && status == "200"
	if !streamed {
		r.firstNs = time.Since(r.intended).Nanoseconds()
	}
	c.kept, c.line = c.kept[:0], c.line[:0]
	see := func(part []byte) {
		if streamed {
			r.lines(c, part)
		} else if room := keptBytesMax - len(c.kept); room > 0 {
			c.kept = append(c.kept, part[:least(len(part), room)]...)
		}
	}
	if length == chunkedLength {
		err = readChunked(c, see)
	} else {
		err = readCounted(c, length, see)
	}
	if err != nil {
		return false, err
	}
	r.totalNs = time.Since(r.intended).Nanoseconds()
	return keep, r.verdict(status, c.kept)
}

// verdict refuses every answer that is not whole.
func (r *reply) verdict(status string, kept []byte) error {
	switch {
	case status != "200":
		return fmt.Errorf("status %s: %.160s", status, kept)
	case !r.load.stream:
		r.usage = bytes.Contains(kept, []byte(`"completion_tokens"`))
		return nil
	case r.errorEvent != "":
		return fmt.Errorf("error event: %s", r.errorEvent)
	case r.contentChunks != r.load.chunks:
		return fmt.Errorf("%d of %d chunks (ended: %v)", r.contentChunks, r.load.chunks, r.ended)
	case !r.ended:
		return errors.New("no [DONE]")
	}
	return nil
}

const chunkedLength = -1

func readHead(c *connection) (status string, length int, keep bool, err error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		if len(line) == 0 {
			err = errUnanswered
		}
		return "", 0, false, err
	}
	if len(line) < 12 {
		return "", 0, false, fmt.Errorf("short status line %q", line)
	}
	status, length, keep = string(line[9:12]), chunkedLength, true
	for {
		field, err := c.reader.ReadSlice('\n')
		if err != nil || len(field) <= 2 {
			return status, length, keep, err
		}
		switch colon := bytes.IndexByte(field, ':'); {
		case named(field, colon, "content-length"):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(field[colon+1:]))); err != nil {
				return status, length, false, err
			}
		case named(field, colon, "connection"):
			keep = !strings.EqualFold(string(bytes.TrimSpace(field[colon+1:])), "close")
		}
	}
}

func named(field []byte, colon int, name string) bool {
	return colon == len(name) && strings.EqualFold(string(field[:colon]), name)
}

func readChunked(c *connection, see func([]byte)) error {
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
		if err != nil {
			return err
		}
		if err := readCounted(c, int(size), see); err != nil {
			return err
		}
		if _, err := c.reader.Discard(2); err != nil || size == 0 {
			return err
		}
	}
}

// readCounted hands over what has arrived without waiting for the rest.
func readCounted(c *connection, count int, see func([]byte)) error {
	for count > 0 {
		if _, err := c.reader.Peek(1); err != nil {
			return err
		}
		part, err := c.reader.Peek(least(count, c.reader.Buffered()))
		if err != nil && err != io.EOF {
			return err
		}
		see(part)
		count -= len(part)
		if _, err := c.reader.Discard(len(part)); err != nil {
			return err
		}
	}
	return nil
}

func least(a, b int) int {
	if a < b {
		return a
	}
	return b
}
