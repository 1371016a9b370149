/** What the tests of the simulators share: virtual clocks, a client that sees raw bytes, and running servers that are closed again. */
import { request as httpRequest } from "node:http";
import { afterEach } from "vitest";
import type { Clock, Stop } from "../../../src/ports.ts";
import { TritonSimulator, type TritonOptions } from "../../../src/simulator/triton.ts";
import { VllmSimulator, type VllmOptions } from "../../../src/simulator/vllm.ts";

interface Timer {
  readonly dueMs: number;
  readonly then: () => void;
}

/** Virtual time. Nothing happens until somebody advances it. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #timers: Timer[] = [];

  nowMs(): number {
    return 1_795_000_000_000 + Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(ms: number, then: () => void): Stop {
    const timer = { dueMs: this.#nowMs + ms, then };
    this.#timers.push(timer);
    this.#timers.sort((a, b) => a.dueMs - b.dueMs);
    return () => (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  every(ms: number, then: () => void): Stop {
    let stop: Stop = () => undefined;
    const again = (): void => {
      stop = this.after(ms, again);
      then();
    };
    stop = this.after(ms, again);
    return () => stop();
  }

  turn(then: () => void): void {
    this.after(0, then);
  }

  get idle(): boolean {
    return this.#timers.length === 0;
  }

  /** Runs the earliest timer. False when there is none. */
  step(): boolean {
    const timer = this.#timers.shift();
    if (timer === undefined) return false;
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.then();
    return true;
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    while (this.#timers[0] !== undefined && this.#timers[0].dueMs <= endMs) this.step();
    this.#nowMs = endMs;
  }
}

/** Virtual time that runs by itself, one timer for each turn of the event loop: an hour takes no time. */
export class TurboClock extends ManualClock {
  #pumping = false;

  override after(ms: number, then: () => void): Stop {
    const stop = super.after(ms, then);
    this.#pump();
    return stop;
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.step();
      if (!this.idle) this.#pump();
    });
  }
}

export interface Got {
  readonly status: number;
  /** As on the wire: name, value, name, value … */
  readonly rawHeaders: readonly string[];
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
  /** "end": a clean end; else the code of the error. */
  readonly ended: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with all bytes so far at every chunk; true: leave. */
  readonly leave?: (bytes: Buffer) => boolean;
}

/** One request over a connection of its own; never rejects. A body that is no string is sent as JSON. */
export function ask(url: string, { method, body, headers = {}, leave }: AskOptions = {}): Promise<Got> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const got = { status: 0, rawHeaders: [] as string[], headers: {} };
    const end = (ended: string): void => {
      const bytes = Buffer.concat(chunks);
      resolve({ ...got, bytes, text: bytes.toString(), ended });
    };
    const json = { "content-type": "application/json", ...headers };
    const request = httpRequest(
      url,
      { method: method ?? (body === undefined ? "GET" : "POST"), headers: json, agent: false },
      (response) => {
        Object.assign(got, { status: response.statusCode, rawHeaders: response.rawHeaders, headers: response.headers });
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          if (leave?.(Buffer.concat(chunks)) === true) request.destroy();
        });
        response.on("end", () => end("end"));
        response.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
        response.on("close", () => end("closed"));
      },
    );
    request.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    request.end(body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
}

const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

/** Closes it after the test. */
export function closing<T extends { stop(): Promise<void> }>(server: T): T {
  running.push(server);
  return server;
}

export async function vllm(options: Partial<VllmOptions> = {}): Promise<VllmSimulator> {
  const simulator = closing(new VllmSimulator({ clock: new TurboClock(), models: ["tiny-llama"], ...options }));
  await simulator.start();
  return simulator;
}

export async function triton(options: Partial<TritonOptions> = {}): Promise<TritonSimulator> {
  const simulator = closing(new TritonSimulator({ clock: new TurboClock(), models: ["vllm_model"], ...options }));
  await simulator.start();
  return simulator;
}

export const user = (content: string): readonly unknown[] => [{ role: "user", content }];

export function chat(simulator: VllmSimulator, content: string, more: Readonly<Record<string, unknown>> = {}): Promise<Got> {
  return ask(`${simulator.url}/v1/chat/completions`, { body: { model: "tiny-llama", messages: user(content), ...more } });
}

/** Payloads of the data lines, [DONE] included. */
export function payloads(text: string): string[] {
  return text
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map((frame) => frame.replace(/^data: /, ""));
}

/** The members that tests look at, of any answer or frame of any engine. */
export interface Parsed {
  readonly id?: string;
  readonly model?: string;
  readonly system_fingerprint?: string | null;
  readonly choices?: readonly {
    readonly index: number;
    readonly text?: string;
    readonly delta?: {
      readonly content?: string | null;
      readonly tool_calls?: readonly { readonly id?: string; readonly function: Readonly<Record<string, string>> }[];
    };
    readonly message?: {
      readonly content: string;
      readonly tool_calls?: readonly { readonly function: { readonly name: string; readonly arguments: string } }[];
    };
    readonly logprobs?: unknown;
    readonly finish_reason?: string | null;
    readonly stop_reason?: string | null;
  }[];
  readonly usage?: Readonly<Record<string, number>> | null;
  readonly error?: unknown;
  readonly text_output?: string;
  readonly finish_reason?: string;
  readonly num_output_tokens?: number;
  readonly num_input_tokens?: number;
  readonly model_name?: string;
}

export function parsed(text: string): Parsed {
  const value: Parsed = JSON.parse(text);
  return value;
}

/** Frames that are JSON. */
export function frames(text: string): Parsed[] {
  return payloads(text)
    .filter((payload) => payload !== "[DONE]")
    .map(parsed);
}

/** The text of a streamed answer's first choice. */
export function streamed(text: string): string {
  return frames(text)
    .flatMap(({ choices = [] }) => choices.filter(({ index }) => index === 0))
    .map(({ delta, text: plain }) => delta?.content ?? plain ?? "")
    .join("");
}

/** Names of all members in their order, values left out: what two documents of one shape have in common. Lists show their first element. */
export function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value !== "object" || value === null) return "";
  return Object.entries(value).map(([name, member]) => [name, shape(member)]);
}
