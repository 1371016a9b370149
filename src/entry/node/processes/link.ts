/** Questions, answers and plain words between the parent and one of its processes, over whatever carries messages between them. */
import { z } from "zod";
import { BOUNDS } from "../../../bounds.ts";
import { Fault, FAULTS, type FaultName } from "../../../faults.ts";
import type { Clock } from "../../../ports.ts";

/** What carries messages: JSON values, in order. */
export interface Carrier {
  send(message: unknown): void;
  onMessage(then: (message: unknown) => void): void;
  /** Nothing comes any more. */
  onEnd(then: () => void): void;
}

/** By kind. What a handler returns is the answer, where one was asked for; a Fault that it throws is thrown again at the other end. */
export type Handlers = Readonly<Record<string, (body: unknown) => unknown>>;

const message = z.union([
  z.object({ kind: z.string(), id: z.number().optional(), body: z.unknown() }),
  z.object({ re: z.number(), body: z.unknown().optional() }).strict(),
  z
    .object({ re: z.number(), failed: z.object({ fault: z.string().optional(), text: z.string(), detail: z.string().optional() }) })
    .strict(),
]);

type Message = z.infer<typeof message>;
type Question = Extract<Message, { kind: string }>;
type Failed = Extract<Message, { failed: object }>["failed"];

export class Link {
  readonly #carrier: Carrier;
  readonly #clock: Pick<Clock, "after">;
  readonly #complain: (failure: unknown) => void;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #handlers: Handlers = {};
  #lastId = 0;
  #ended = false;

  /** @param complain is told why a plain word could not be taken: nobody waits for an answer to one */
  constructor(carrier: Carrier, clock: Pick<Clock, "after">, complain: (failure: unknown) => void) {
    this.#carrier = carrier;
    this.#clock = clock;
    this.#complain = complain;
    carrier.onEnd(() => this.#end());
  }

  /** From here on what comes is heard. */
  listen(handlers: Handlers): void {
    this.#handlers = handlers;
    this.#carrier.onMessage((received) => this.#take(message.parse(received)));
  }

  tell(kind: string, body: unknown): void {
    if (!this.#ended) this.#carrier.send({ kind, body });
  }

  /** @param msMax undefined: as long as it takes. @throws Fault what the other end threw, or ledger_unavailable when it does not answer */
  ask(kind: string, body: unknown, msMax: number | undefined = BOUNDS.processAnswerMsMax): Promise<unknown> {
    if (this.#ended) return Promise.reject(silent(kind));
    const id = (this.#lastId += 1);
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(id, asked);
    const stop = msMax === undefined ? () => undefined : this.#clock.after(msMax, () => asked.reject(silent(kind)));
    this.#carrier.send({ kind, id, body });
    return asked.promise.finally(() => {
      stop();
      this.#asked.delete(id);
    });
  }

  #take(received: Message): void {
    if ("kind" in received) return void this.#handle(received);
    const asked = this.#asked.get(received.re);
    if ("failed" in received) asked?.reject(failureOf(received.failed));
    else asked?.resolve(received.body);
  }

  async #handle({ kind, id, body }: Question): Promise<void> {
    try {
      const handler = this.#handlers[kind];
      if (handler === undefined) throw new Error(`nobody here knows what "${kind}" means`);
      const answer = await handler(body);
      if (id !== undefined && !this.#ended) this.#carrier.send({ re: id, body: answer });
    } catch (failure) {
      if (id === undefined) this.#complain(failure);
      else if (!this.#ended) this.#carrier.send({ re: id, failed: failedBy(failure) });
    }
  }

  #end(): void {
    this.#ended = true;
    for (const asked of this.#asked.values()) asked.reject(silent("anything"));
    this.#asked.clear();
  }
}

function silent(kind: string): Fault {
  return new Fault("ledger_unavailable", { detail: `the other process did not answer (${kind})` });
}

function failedBy(failure: unknown): Failed {
  const text = failure instanceof Error ? failure.message : String(failure);
  if (!(failure instanceof Fault)) return { text };
  return { fault: failure.fault, text, ...(failure.detail === undefined ? {} : { detail: failure.detail }) };
}

function failureOf({ fault, text, detail }: Failed): Error {
  if (fault === undefined || !isFault(fault)) return new Error(text);
  return new Fault(fault, { text, ...(detail === undefined ? {} : { detail }) });
}

function isFault(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}
