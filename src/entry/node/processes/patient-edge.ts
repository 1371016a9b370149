/** Lets an answer to an operator wait until every process has taken what it is about: "revoked" means revoked everywhere. */
import type { Context } from "hono";
import type { Edge } from "../../../app.ts";
import type { Arrival, Exit, HeaderList } from "../../../ports.ts";

/** @param settled undefined: there is nothing to wait for. Never rejects */
export function patientEdge(edge: Edge, settled: () => Promise<unknown> | undefined): Edge {
  return {
    path: (env) => edge.path(env),
    leave: (context, arrival) => edge.leave(context, arrival),
    arrive(context: Context) {
      const arrival = edge.arrive(context);
      return new PatientArrival(arrival, new PatientExit(arrival.exit, settled));
    },
  };
}

class PatientArrival implements Arrival {
  readonly exit: Exit;
  readonly #arrival: Arrival;

  constructor(arrival: Arrival, exit: Exit) {
    this.#arrival = arrival;
    this.exit = exit;
  }

  get method(): string {
    return this.#arrival.method;
  }

  get path(): string {
    return this.#arrival.path;
  }

  get query(): URLSearchParams {
    return this.#arrival.query;
  }

  get host(): string {
    return this.#arrival.host;
  }

  get address(): string {
    return this.#arrival.address;
  }

  values(name: string): readonly string[] {
    return this.#arrival.values(name);
  }

  header(name: string): string | undefined {
    return this.#arrival.header(name);
  }

  body(bytesMax: number): Promise<Buffer> {
    return this.#arrival.body(bytesMax);
  }
}

class PatientExit implements Exit {
  readonly #exit: Exit;
  readonly #settled: () => Promise<unknown> | undefined;

  constructor(exit: Exit, settled: () => Promise<unknown> | undefined) {
    this.#exit = exit;
    this.#settled = settled;
  }

  get started(): boolean {
    return this.#exit.started;
  }

  head(status: number, headers: HeaderList): void {
    this.#exit.head(status, headers);
  }

  write(bytes: Buffer): boolean {
    return this.#exit.write(bytes);
  }

  end(bytes?: Buffer): void {
    const waiting = this.#settled();
    if (waiting === undefined) this.#exit.end(bytes);
    else void waiting.then(() => this.#exit.end(bytes));
  }

  abort(): void {
    this.#exit.abort();
  }

  onGone(then: () => void): void {
    this.#exit.onGone(then);
  }

  onDrain(then: () => void): void {
    this.#exit.onDrain(then);
  }
}
