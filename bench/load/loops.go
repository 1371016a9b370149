package main

import (
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// load is one measurement: what is asked, of whom, and what came of it.
type load struct {
	*settings
	pool         pool
	request      []byte
	tally        tally
	inflight     atomic.Int64
	inflightPeak atomic.Int64
}

func newLoad(s *settings, target *url.URL) *load {
	return &load{settings: s, pool: pool{address: target.Host}, request: requestBytes(s, target)}
}

// closed keeps every connection busy until the time is over, or until the number of requests is reached.
func (l *load) closed(begin time.Time) {
	var done sync.WaitGroup
	var started atomic.Int64
	end := begin.Add(l.duration)
	more := func() bool {
		if l.count > 0 {
			return started.Add(1) <= int64(l.count)
		}
		return time.Now().Before(end)
	}
	for i := 0; i < l.conns; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for more() {
				if reply := l.ask(time.Now(), false); reply.failure != "" {
					time.Sleep(20 * time.Millisecond) // a gateway that refuses at once would be asked a million times
				}
			}
		}()
	}
	done.Wait()
}

// open starts each request at its instant.
func (l *load) open(begin time.Time) {
	count := l.count
	if count == 0 {
		count = int(l.rate * l.duration.Seconds())
	}
	var done sync.WaitGroup
	for k := 0; k < count; k++ {
		intended := begin.Add(time.Duration(float64(k) / l.rate * 1e9))
		time.Sleep(time.Until(intended))
		now := l.inflight.Add(1)
		if now > int64(l.inflightMax) {
			l.inflight.Add(-1)
			l.tally.drop()
			continue
		}
		if now > l.inflightPeak.Load() { // only this goroutine raises it
			l.inflightPeak.Store(now)
		}
		done.Add(1)
		go func() {
			defer done.Done()
			defer l.inflight.Add(-1)
			l.ask(intended, true)
		}()
	}
	done.Wait()
}

// ask makes one request and enters its reply. A kept connection that the server had closed meanwhile is no error: another one is opened.
func (l *load) ask(intended time.Time, paced bool) *reply {
	r := &reply{load: l, intended: intended, paced: paced}
	for attempt := 0; ; attempt++ {
		c, reused, err := l.pool.take(attempt > 0)
		if err != nil {
			r.failure = err.Error()
			break
		}
		keep, err := r.exchange(c)
		if keep {
			l.pool.give(c)
		} else {
			c.socket.Close()
		}
		if err == errUnanswered && reused && attempt == 0 {
			continue
		}
		if err != nil {
			r.failure = err.Error()
		}
		break
	}
	l.tally.enter(r)
	return r
}
