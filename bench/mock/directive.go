package main

import "bytes"

// directive says how one request is answered. It stands anywhere in the body, so it survives every gateway that writes JSON anew:
//
//	@c=64;i=20000;t=1;f=0;n=120@
type directive struct {
	chunks     int // c: content chunks in a stream
	intervalUs int // i: microseconds between chunks
	stamped    int // t: 1 makes each chunk's text "t=<unix nanoseconds when written>"
	firstUs    int // f: microseconds before the first byte
	textBytes  int // n: bytes of text in an answer that is not a stream
}

const directiveBytesMax = 96

func directiveOf(body []byte) directive {
	d := directive{chunks: 16, textBytes: 120}
	start := bytes.Index(body, []byte("@c="))
	if start < 0 {
		return d
	}
	rest := body[start+1:]
	if len(rest) > directiveBytesMax {
		rest = rest[:directiveBytesMax]
	}
	if end := bytes.IndexByte(rest, '@'); end >= 0 {
		rest = rest[:end]
	}
	for len(rest) > 2 {
		name, value, at := rest[0], 0, 2
		for ; at < len(rest) && rest[at] >= '0' && rest[at] <= '9'; at++ {
			value = value*10 + int(rest[at]-'0')
		}
		d.set(name, value)
		if at < len(rest) {
			at++
		}
		rest = rest[at:]
	}
	return d
}

func (d *directive) set(name byte, value int) {
	switch name {
	case 'c':
		d.chunks = value
	case 'i':
		d.intervalUs = value
	case 't':
		d.stamped = value
	case 'f':
		d.firstUs = value
	case 'n':
		d.textBytes = value
	}
}

// isTrue finds "key": true, with or without spaces.
func isTrue(body []byte, key string) bool {
	at := bytes.Index(body, []byte(key))
	if at < 0 {
		return false
	}
	rest := body[at+len(key):]
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == ':') {
		rest = rest[1:]
	}
	return bytes.HasPrefix(rest, []byte("true"))
}
