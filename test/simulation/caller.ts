/** One caller at its end of the wire: sends, waits, reads as fast as it likes, leaves when it likes, and keeps every byte that it got. */
import { Fault } from "../../src/faults.ts";
import type { Arrival, Exit, HeaderList } from "../../src/ports.ts";
import { type Agenda, NATURE } from "./agenda.ts";
import type { Chance } from "./chance.ts";
import type { Plan } from "./plan.ts";

type State = "waiting" | "ended" | "aborted" | "left" | "reset";

export class Caller implements Arrival, Exit {
  readonly plan: Plan;
  readonly #agenda: Agenda;
  readonly #chance: Chance;
  /** Told when the gateway begins to read the body. */
  onRead: () => void = () => undefined;
  status = 0;
  headers: HeaderList = [];
  readonly chunks: Buffer[] = [];
  state: State = "waiting";
  /** What the gateway did that no caller's socket could bear. */
  misuse: string | undefined;
  endedAtMs = 0;
  #gone: (() => void)[] = [];
  #drained: (() => void)[] = [];
  #draining = false;
  #rejectBody: ((fault: Fault) => void) | undefined;

  constructor(plan: Plan, agenda: Agenda, chance: Chance) {
    this.plan = plan;
    this.#agenda = agenda;
    this.#chance = chance;
    if (plan.leavesAfterMs !== undefined) agenda.after(plan.leavesAfterMs, NATURE, () => this.leave());
  }

  // ---- the arrival

  readonly method = "POST";
  readonly query = new URLSearchParams();
  readonly address = "192.0.2.7";
  readonly exit = this;

  get path(): string {
    return this.plan.path;
  }

  get host(): string {
    return this.plan.host;
  }

  values(name: string): readonly string[] {
    return this.plan.headers[name] ?? [];
  }

  header(name: string): string | undefined {
    return this.values(name)[0];
  }

  body(): Promise<Buffer> {
    this.onRead();
    if (this.state !== "waiting") return Promise.reject(new Fault("body_timeout"));
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#rejectBody = reject;
    this.#agenda.after(this.plan.bodyMs, NATURE, () => {
      this.#rejectBody = undefined;
      // A process that has died reads nothing any more.
      if (this.state === "waiting") resolve(this.plan.body);
    });
    return promise;
  }

  // ---- the exit

  get started(): boolean {
    return this.status !== 0;
  }

  head(status: number, headers: HeaderList): void {
    if (this.status !== 0) this.misuse = "a second head";
    this.status = status;
    this.headers = headers;
  }

  write(bytes: Buffer): boolean {
    if (this.status === 0) this.misuse = "bytes before the head";
    if (this.state === "ended" || this.state === "aborted") this.misuse = "bytes after the end";
    if (this.state !== "waiting") return true;
    this.chunks.push(Buffer.from(bytes));
    if (this.chunks.length === this.plan.leavesAfterWrites) this.#agenda.after(this.#chance.between(0, 30), NATURE, () => this.leave());
    if (this.#draining) return false;
    if (!this.#chance.hits(this.plan.reader.slowShare)) return true;
    this.#draining = true;
    if (!this.plan.reader.stuck) this.#agenda.after(this.plan.reader.drainMs, NATURE, () => this.#drain());
    return false;
  }

  end(bytes?: Buffer): void {
    if (this.status === 0) this.misuse = "an end before the head";
    if (this.state === "ended" || this.state === "aborted") this.misuse = "a second end";
    if (this.state !== "waiting") return;
    if (bytes !== undefined) this.chunks.push(Buffer.from(bytes));
    this.#close("ended");
  }

  abort(): void {
    if (this.state === "waiting") this.#close("aborted");
  }

  onGone(then: () => void): void {
    if (this.state === "left") then();
    else this.#gone.push(then);
  }

  onDrain(then: () => void): void {
    this.#drained.push(then);
  }

  // ---- what happens to it

  /** Closes its connection, or has it closed by the server. */
  leave(): void {
    if (this.state !== "waiting") return;
    this.#close("left");
    this.#rejectBody?.(new Fault("body_timeout"));
    for (const then of this.#gone) then();
  }

  /** The process died: nobody is left to tell. */
  reset(): void {
    if (this.state === "waiting") this.#close("reset");
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  #drain(): void {
    this.#draining = false;
    if (this.state === "waiting") for (const then of this.#drained) then();
  }

  #close(state: State): void {
    this.state = state;
    this.endedAtMs = this.#agenda.nowMs;
  }
}
