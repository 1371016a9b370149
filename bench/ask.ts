/** One HTTP request over loopback, on a connection of its own: for checks and counters, never for load. */
import { Agent, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface Asked {
  readonly url: string;
  readonly key?: string | undefined;
  /** undefined: a GET. */
  readonly body?: unknown;
}

const ANSWER_MS_MAX = 20_000;
const AGENT = new Agent({ keepAlive: false });

/** @throws Error when nobody listens or nobody answers in time */
export function ask({ url, key, body }: Asked): Promise<Answer> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(payload === undefined ? {} : { "content-type": "application/json", "content-length": payload.length }),
  };
  return new Promise((resolve, reject) => {
    const asking = request(
      url,
      { method: payload === undefined ? "GET" : "POST", headers, agent: AGENT, timeout: ANSWER_MS_MAX },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }));
        response.on("error", reject);
      },
    );
    asking.on("timeout", () => asking.destroy(new Error(`no answer from ${url} within ${String(ANSWER_MS_MAX)} ms`)));
    asking.on("error", reject);
    asking.end(payload);
  });
}
