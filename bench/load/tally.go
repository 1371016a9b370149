package main

import (
	"math"
	"sort"
	"sync"
	"time"
)

const (
	samplesMax  = 8 // kinds of errors that are told apart
	errorLength = 160
)

type tally struct {
	mutex                                  sync.Mutex
	ok, failed, dropped, chunks, withUsage int
	errors                                 map[string]int
	firstMs, totalMs, gapsMs, delaysMs     []float32
}

func (t *tally) drop() {
	t.mutex.Lock()
	t.dropped++
	t.mutex.Unlock()
}

func (t *tally) enter(r *reply) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.chunks += r.contentChunks
	if r.failure != "" {
		t.failed++
		t.sample(r.failure[:least(len(r.failure), errorLength)])
		return
	}
	t.ok++
	if r.usage {
		t.withUsage++
	}
	t.firstMs = append(t.firstMs, ms(r.firstNs))
	t.totalMs = append(t.totalMs, ms(r.totalNs))
	t.gapsMs = append(t.gapsMs, r.gapsMs...)
	t.delaysMs = append(t.delaysMs, r.delaysMs...)
}

func (t *tally) sample(failure string) {
	if t.errors == nil {
		t.errors = map[string]int{}
	}
	if len(t.errors) < samplesMax || t.errors[failure] > 0 {
		t.errors[failure]++
	}
}

type report struct {
	Seconds      float64        `json:"seconds"`
	Ok           int            `json:"ok"`
	Failed       int            `json:"failed"`
	Dropped      int            `json:"dropped"`
	Errors       map[string]int `json:"errors,omitempty"`
	PerSecond    float64        `json:"per_second"`
	Chunks       int            `json:"chunks"`
	WithUsage    int            `json:"with_usage"`
	First        distribution   `json:"first_ms"`
	Total        distribution   `json:"total_ms"`
	Gap          distribution   `json:"gap_ms"`
	Delay        distribution   `json:"delay_ms"`
	InflightPeak int64          `json:"inflight_peak"`
	Connections  int64          `json:"connections"`
	BodyBytes    int            `json:"body_bytes"`
}

func (t *tally) report(took time.Duration, l *load) report {
	return report{
		Seconds: rounded(took.Seconds()), Ok: t.ok, Failed: t.failed, Dropped: t.dropped, Errors: t.errors,
		PerSecond: rounded(float64(t.ok) / took.Seconds()), Chunks: t.chunks, WithUsage: t.withUsage,
		First: distributionOf(t.firstMs), Total: distributionOf(t.totalMs), Gap: distributionOf(t.gapsMs), Delay: distributionOf(t.delaysMs),
		InflightPeak: l.inflightPeak.Load(), Connections: l.pool.opened.Load(), BodyBytes: len(bodyText(l.settings)),
	}
}

type distribution struct {
	N    int     `json:"n"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// distributionOf gives nearest-rank percentiles.
func distributionOf(values []float32) distribution {
	if len(values) == 0 {
		return distribution{}
	}
	sort.Slice(values, func(i, j int) bool { return values[i] < values[j] })
	at := func(share float64) float64 {
		rank := int(math.Ceil(share * float64(len(values))))
		return rounded(float64(values[rank-1]))
	}
	return distribution{len(values), at(.5), at(.9), at(.99), at(.999), at(1)}
}

func rounded(x float64) float64 { return math.Round(x*1000) / 1000 }
