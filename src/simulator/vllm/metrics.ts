/** GET /metrics: the names that a router reads on a real vLLM, from what the simulated engine really does. */
import type { Clock } from "../../ports.ts";
import type { EngineModel } from "../engine-model.ts";
import type { Part, Sink } from "../generation.ts";
import { Histogram, type Metric, metricText } from "../prometheus.ts";

const SECONDS_TO_FIRST = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560];
const SECONDS_BETWEEN = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const SECONDS_WHOLE = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];
const TOKENS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000];

type Samples = readonly (readonly [Readonly<Record<string, string>>, number])[];

export class VllmMetrics {
  readonly #clock: Clock;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #createdS: number;
  readonly #finished: Record<"stop" | "length" | "error", number> = { stop: 0, length: 0, error: 0 };
  readonly #first = new Histogram(SECONDS_TO_FIRST);
  readonly #between = new Histogram(SECONDS_BETWEEN);
  readonly #whole = new Histogram(SECONDS_WHOLE);
  readonly #promptTokens = new Histogram(TOKENS);
  readonly #generationTokens = new Histogram(TOKENS);

  constructor(clock: Clock, model: string) {
    this.#clock = clock;
    this.#labels = { engine: "0", model_name: model };
    this.#createdS = clock.nowMs() / 1_000;
  }

  /** The same sink, watched. */
  watch(sink: Sink, parts: readonly Part[]): Sink {
    const startMs = this.#clock.monotonicMs();
    let lastMs: number | undefined;
    return {
      begin: () => sink.begin(),
      token: (part, index, piece) => {
        const nowMs = this.#clock.monotonicMs();
        if (lastMs === undefined) this.#first.observe((nowMs - startMs) / 1_000);
        else this.#between.observe((nowMs - lastMs) / 1_000);
        lastMs = nowMs;
        sink.token(part, index, piece);
      },
      done: () => {
        this.#whole.observe((this.#clock.monotonicMs() - startMs) / 1_000);
        for (const part of parts) this.#close(part);
        sink.done();
      },
      broke: () => {
        this.#finished.error += parts.length;
        sink.broke();
      },
    };
  }

  text(engine: EngineModel): string {
    const families = [...this.#gauges(engine), ...this.#counters(engine)].map((metric) => metricText(metric, this.#createdS));
    const labels = this.#labels;
    const histograms = [
      this.#promptTokens.text("vllm:request_prompt_tokens", "Prompt tokens of finished requests.", labels),
      this.#generationTokens.text("vllm:request_generation_tokens", "Generated tokens of finished requests.", labels),
      this.#first.text("vllm:time_to_first_token_seconds", "Seconds from arrival to the first token.", labels),
      this.#between.text("vllm:inter_token_latency_seconds", "Seconds between two tokens of a request.", labels),
      this.#whole.text("vllm:e2e_request_latency_seconds", "Seconds from arrival to the last token.", labels),
    ];
    return `${[...families, ...histograms].join("\n")}\n`;
  }

  #close({ plan, prompt }: Part): void {
    this.#finished[plan.finish] += 1;
    this.#promptTokens.observe(prompt.length);
    this.#generationTokens.observe(plan.pieces.length);
  }

  #gauges(engine: EngineModel): Metric[] {
    // A sleeping engine reports nothing running and nothing waiting, whatever hangs in it.
    const running = engine.paused ? 0 : engine.running;
    const waiting = engine.paused ? 0 : engine.waiting;
    const asleep = engine.paused ? 1 : 0;
    const { blocks, blockTokens } = engine.profile;
    const config = { block_size: String(blockTokens), num_gpu_blocks: String(blocks), kv_cache_size_tokens: String(blocks * blockTokens) };
    return [
      this.#gauge("num_requests_running", "Requests in the running batch.", [[{}, running]]),
      this.#gauge("num_requests_waiting", "Requests in the queue.", [[{}, waiting]]),
      this.#gauge("num_requests_waiting_by_reason", "Requests in the queue, by what they wait for.", [
        [{ reason: "capacity" }, waiting],
        [{ reason: "deferred" }, 0],
      ]),
      this.#gauge("engine_sleep_state", "1 for the state the engine is in.", [
        [{ sleep_state: "awake" }, 1 - asleep],
        [{ sleep_state: "weights_offloaded" }, asleep],
        [{ sleep_state: "discard_all" }, 0],
      ]),
      this.#gauge("kv_cache_usage_perc", "Share of the KV cache in use, 0 to 1.", [[{}, engine.kvUse]]),
      this.#gauge("cache_config_info", "How the cache is set up.", [[config, 1]]),
    ];
  }

  #counters(engine: EngineModel): Metric[] {
    const { totals } = engine;
    const { stop, length, error } = this.#finished;
    const computed = totals.promptTokens - totals.cachedTokens;
    return [
      this.#counter("prefix_cache_queries", "Prompt tokens looked up in the prefix cache.", [[{}, totals.promptTokens]]),
      this.#counter("prefix_cache_hits", "Prompt tokens found in the prefix cache.", [[{}, totals.cachedTokens]]),
      this.#counter("num_preemptions", "Sequences sent back to the queue.", [[{}, totals.preemptions]]),
      this.#counter("prompt_tokens", "Prompt tokens processed.", [[{}, totals.promptTokens]]),
      this.#counter("prompt_tokens_by_source", "Prompt tokens, by where they came from.", [
        [{ source: "local_compute" }, computed],
        [{ source: "local_cache_hit" }, totals.cachedTokens],
        [{ source: "external_kv_transfer" }, 0],
      ]),
      this.#counter("prompt_tokens_cached", "Prompt tokens that were not computed.", [[{}, totals.cachedTokens]]),
      this.#counter("generation_tokens", "Tokens generated.", [[{}, totals.generatedTokens]]),
      this.#counter("request_success", "Finished requests, by how they ended.", [
        [{ finished_reason: "stop" }, stop],
        [{ finished_reason: "length" }, length],
        // A client that left is not counted here: so it was seen on 0.32.
        [{ finished_reason: "abort" }, 0],
        [{ finished_reason: "error" }, error],
        [{ finished_reason: "repetition" }, 0],
      ]),
      this.#rejections(totals.rejected),
    ];
  }

  /** The one family without the engine's number: it is refused before it has one. */
  #rejections(value: number): Metric {
    const { model_name = "" } = this.#labels;
    const samples = [
      { labels: { model_name, reason: "max_num_queued_reqs" }, value },
      { labels: { model_name, reason: "max_num_queued_tokens" }, value: 0 },
    ];
    return { kind: "counter", name: "vllm:admission_rejections_total", help: "Requests refused because the queue was full.", samples };
  }

  #gauge(name: string, help: string, samples: Samples): Metric {
    return { kind: "gauge", name: `vllm:${name}`, help, samples: this.#labelled(samples) };
  }

  #counter(name: string, help: string, samples: Samples): Metric {
    return { kind: "counter", name: `vllm:${name}_total`, help, samples: this.#labelled(samples) };
  }

  #labelled(samples: Samples): Metric["samples"] {
    return samples.map(([labels, value]) => ({ labels: { ...this.#labels, ...labels }, value }));
  }
}
