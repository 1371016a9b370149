/** Asks an engine what its adapter would ask it, and keeps the answer as a recording: the contract of adapters runs over it. */
import type { Call } from "../../../src/domain/call.ts";
import type { EngineFixture, EngineSubject } from "../../contract/engine.ts";

/** One row of a table: its name, the call, and what must come of it. */
export type Row = readonly [string, Call, EngineFixture["expect"]];

export async function recorded(
  { engine, backend, request }: EngineSubject,
  url: string,
  [name, call, expect]: Row,
): Promise<EngineFixture> {
  const { path, headers, body, pieces } = engine.outbound(call, backend, request);
  const names = headers.flatMap((each, at) => (at % 2 === 0 ? [[each, headers[at + 1] ?? ""] as const] : []));
  const sent = new Uint8Array(body ?? Buffer.concat(pieces ?? []));
  const response = await fetch(url + path, { method: "POST", headers: Object.fromEntries(names), body: sent });
  const answer = {
    request: Buffer.from(sent).toString("utf8"),
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
  return { name, call, answer, expect };
}
