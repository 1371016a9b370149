/** Requests to one gateway that answers by the Host header, and what must be true after each. */
import { expect } from "vitest";
import { KEYS, MODELS } from "./estate.ts";
import { bearer, errorOf, raw, type RawAnswer, type RawRequest, request } from "./raw.ts";
import type { Stand } from "./stand.ts";

/** Short, so that a test of slow callers is none itself. */
export const PATIENCE = { headersReadMsMax: 400, bodyReadMsMax: 800 };

export const JSON_TYPE = "content-type: application/json";

export class Caller {
  readonly #stand: Stand;

  constructor(stand: Stand) {
    this.#stand = stand;
  }

  /** @param from an address of its own, so that keys which fail on purpose do not fill the door's count for the others */
  ask(sent: RawRequest, from = "127.0.0.1"): Promise<RawAnswer> {
    const whole = { method: "GET", path: "/v1/models", headers: [bearer(KEYS.alpine)], ...sent };
    return raw({ port: this.#stand.ports.hosts, pieces: [request(whole)], from });
  }

  /** It is answered so, by a named answer, and opens no hold. */
  async says(sent: RawRequest, expected: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = await this.ask(sent);
    expect({ status: answer.status, ...errorOf(answer) }).toMatchObject(expected);
    expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
    expect(this.#stand.holdsOpen()).toBe(0);
  }
}

export interface ChatOptions {
  readonly say?: string;
  readonly headers?: readonly string[];
  readonly key?: string;
  readonly model?: string;
}

export function chat({ say = "hi", headers = [], key = KEYS.alpine, model = MODELS.alpine.vllm }: ChatOptions = {}): RawRequest {
  const body = JSON.stringify({ model, max_tokens: 5, messages: [{ role: "user", content: say }] });
  return { method: "POST", path: "/v1/chat/completions", headers: [bearer(key), JSON_TYPE, ...headers], body };
}
