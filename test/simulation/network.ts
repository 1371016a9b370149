/** The simulated network: the last check of the clearance and the deadlines are the real transport's, the engines behind it are scripts. */
import { BOUNDS } from "../../src/bounds.ts";
import { Clearance } from "../../src/domain/clearance.ts";
import type { Backend } from "../../src/domain/fleet.ts";
import type { Ask, Clock, Listener, Outbound, Stop, Transport, Upstream } from "../../src/ports.ts";
import { Attempt } from "../../src/transport/attempt.ts";
import { closing } from "../../src/transport/failures.ts";
import { INFERENCE_LIMITS } from "../../src/transport/limits.ts";
import { type Agenda, LifeClock, type Owner } from "./agenda.ts";
import { type Asked, readAsked } from "./asked.ts";
import type { Chance } from "./chance.ts";
import { Exchange } from "./exchange.ts";
import { type Mood, type Script, scriptFor, type Truth } from "./script.ts";

/** One thing that left the gateway. */
export interface Sent {
  readonly asked: Asked;
  /** Whose clearance it is. */
  readonly cleared: string;
  /** Where the bytes really go. */
  readonly backend: Backend;
  readonly truth: Truth;
}

/** Engines and their condition: outlives every process. */
export class Network {
  readonly moods = new Map<string, Mood>();
  readonly #chance: Chance;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  moodOf(backend: Backend): Mood {
    return this.moods.get(backend.id) ?? "well";
  }

  begin(backend: Backend, outbound: Outbound): Script & { readonly asked: Asked } {
    const asked = readAsked(outbound);
    return { asked, ...scriptFor(asked, this.moodOf(backend), this.#chance) };
  }
}

export interface SimTransportParts {
  readonly agenda: Agenda;
  readonly owner: Owner;
  readonly network: Network;
  readonly chance: Chance;
  readonly sent: (sent: Sent) => void;
  /** Where the bytes go; a planted mistake sends them elsewhere. */
  readonly route: (cleared: Backend) => Backend;
}

export class SimTransport implements Transport {
  readonly #parts: SimTransportParts;
  readonly #clock: Clock;
  readonly #attempts = new Set<Attempt>();
  readonly #last = new Map<string, Exchange>();
  #sweeping: Stop | undefined;
  #closed = false;
  /** What the real lines count; an exchange that is never let go of would fill them. */
  #held = 0;

  constructor(parts: SimTransportParts) {
    this.#parts = parts;
    this.#clock = new LifeClock(parts.agenda, parts.owner);
  }

  /** Exchanges that have not been let go of. */
  get held(): number {
    return this.#held;
  }

  /** An engine still works for this request. */
  works(request: string): boolean {
    return this.#last.get(request)?.working === true;
  }

  send(clearance: Clearance, outbound: Outbound, listener: Listener): Upstream {
    if (!Clearance.is(clearance)) throw new TypeError("nothing is sent without a clearance");
    if (!outbound.path.startsWith("/")) throw new TypeError("an outbound path starts with a slash");
    const { agenda, owner, network, chance } = this.#parts;
    const backend = this.#parts.route(clearance.backend);
    const { asked, truth, steps } = network.begin(backend, outbound);
    this.#parts.sent({ asked, cleared: clearance.request, backend, truth });
    const { totalMsMax } = INFERENCE_LIMITS;
    const limits = outbound.comesWhole === true ? { ...INFERENCE_LIMITS, firstByteMsMax: totalMsMax } : INFERENCE_LIMITS;
    const attempt = new Attempt({ listener, limits, roster: this.#attempts, startedMs: agenda.nowMs });
    this.#attempts.add(attempt);
    this.#held += 1;
    const freed = (): void => void (this.#held -= 1);
    const exchange = new Exchange(attempt, steps, { agenda, owner, chance, freed });
    this.#last.set(asked.request, exchange);
    exchange.start();
    this.#sweeping ??= this.#clock.every(BOUNDS.deadlineSweepMs, () => this.#sweep());
    if (this.#closed) attempt.stop(closing());
    return attempt;
  }

  /** A status route answers as well as its engine is. */
  probe(backend: Backend): Ask {
    const { agenda, owner, network, chance } = this.#parts;
    return (_method, path) =>
      new Promise((resolve, reject) => {
        const mood = network.moodOf(backend);
        const waitMs = mood === "hung" ? BOUNDS.healthTimeoutMs : 2;
        agenda.after(waitMs, owner, () => {
          if (mood === "down" || mood === "hung") reject(new Error("no answer"));
          else resolve({ status: mood === "flaky" && chance.hits(0.3) ? 500 : 200, body: statusPage(path, backend) });
        });
      });
  }

  /** Fails what still runs and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#sweeping?.();
    for (const attempt of this.#attempts) attempt.stop(closing());
  }

  #sweep(): void {
    if (this.#attempts.size === 0) {
      this.#sweeping?.();
      this.#sweeping = undefined;
      return;
    }
    for (const attempt of this.#attempts) attempt.sweep(this.#clock.monotonicMs());
  }
}

/** A model of Triton's vLLM backend, as far as the adapter looks. */
const TRITON_CONFIG = JSON.stringify({
  model_transaction_policy: { decoupled: true },
  input: ["text_input", "sampling_parameters", "return_finish_reason", "return_num_input_tokens", "return_num_output_tokens"].map(
    (name) => ({
      name,
      data_type: "TYPE_STRING",
    }),
  ),
  output: [{ name: "text_output", data_type: "TYPE_STRING" }],
});

function statusPage(path: string, backend: Backend): string {
  if (path === "/v1/models")
    return JSON.stringify({ object: "list", data: [...backend.models.values()].map(({ servedName }) => ({ id: servedName })) });
  if (path.endsWith("/config")) return TRITON_CONFIG;
  return "vllm:num_requests_running 1\nvllm:num_requests_waiting 0\n";
}
