// load measures chat completions from the client's side, streams or not, over raw HTTP/1.1 sockets.
//
//	open    requests start at t0 + k/rate whatever the earlier ones do, and every latency counts from that intended instant (free of
//	        coordinated omission). A request that may not start because -max-inflight is reached is counted as dropped, never delayed.
//	closed  -conns connections, each one request after another.
//
// It talks to loopback only and prints one JSON object.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"
)

type settings struct {
	url, key, model, mode                       string
	stream, stamped                             bool
	rate                                        float64
	conns, count, chunks, intervalUs, bodyBytes int
	inflightMax                                 int
	duration, timeout                           time.Duration
}

func flags() *settings {
	s := &settings{}
	flag.StringVar(&s.url, "url", "http://127.0.0.1:9900/v1/chat/completions", "full URL, loopback only")
	flag.StringVar(&s.key, "key", "", "bearer key")
	flag.StringVar(&s.model, "model", "mock-model", "model asked for")
	flag.StringVar(&s.mode, "mode", "open", "open | closed")
	flag.BoolVar(&s.stream, "stream", true, "ask for a stream")
	flag.BoolVar(&s.stamped, "stamp", true, "ask the mock for a send time in every chunk")
	flag.Float64Var(&s.rate, "rate", 100, "open: requests a second")
	flag.IntVar(&s.conns, "conns", 32, "closed: connections")
	flag.IntVar(&s.count, "n", 0, "exact number of requests (overrides -dur)")
	flag.IntVar(&s.chunks, "chunks", 50, "content chunks asked of the mock")
	flag.IntVar(&s.intervalUs, "interval-us", 20000, "chunk interval asked of the mock")
	flag.IntVar(&s.bodyBytes, "body-bytes", 370, "size of the request body, when it is more than the least")
	flag.IntVar(&s.inflightMax, "max-inflight", 4000, "open: bound on requests in flight")
	flag.DurationVar(&s.duration, "dur", 10*time.Second, "time in which requests start")
	flag.DurationVar(&s.timeout, "timeout", 30*time.Second, "a request")
	flag.Parse()
	return s
}

func main() {
	s := flags()
	target, err := url.Parse(s.url)
	if err != nil {
		fail(err.Error())
	}
	if ip := net.ParseIP(target.Hostname()); ip == nil || !ip.IsLoopback() {
		fail("loopback only")
	}
	l := newLoad(s, target)
	begin := time.Now()
	if s.mode == "closed" {
		l.closed(begin)
	} else {
		l.open(begin)
	}
	if err := json.NewEncoder(os.Stdout).Encode(l.tally.report(time.Since(begin), l)); err != nil {
		fail(err.Error())
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(2)
}
