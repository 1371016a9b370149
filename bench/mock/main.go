// mock is a very cheap OpenAI-compatible backend, so that what is measured is the gateway in front of it.
//
// Hand-written HTTP/1.1 over net.Conn: one goroutine a connection, no allocation per request once warm.
//
//	POST …/completions   JSON, or SSE when the body says "stream": true; see directive.go
//	GET  /v1/models /metrics   what a gateway asks to know its engine
//	GET  /stats /reset   counters
//	GET  anything else   {"status":"ok"}
//
// It listens on loopback only.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"
)

var (
	port  = flag.Int("port", 9900, "port on 127.0.0.1")
	model = flag.String("model", "mock-model", "model name in answers")
)

func main() {
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintln(os.Stderr, "mock on", listener.Addr())
	for {
		client, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(client)
	}
}
