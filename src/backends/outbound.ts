/** A call as an engine gets it: the caller's bytes with the few members cut out that must differ, and none of the caller's headers. */
import { wireOf, type Call } from "../domain/call.ts";
import type { Backend, ServedModel } from "../domain/fleet.ts";
import type { RequestId } from "../domain/ids.ts";
import { cut, jsonString, memberEdits, splice, streamOptionsWithUsage } from "../openai/splice.ts";
import type { HeaderList, Outbound } from "../ports.ts";
import type { Dialect } from "./dialect.ts";

const FALSE = Buffer.from("false");

/** From here on views into the caller's body are cheaper than a copy of it, though each costs a write. */
const PIECES_BYTES_MIN = 32 * 1024;

/** The backend's own name for the model of a call. @throws Error when it serves no such model: routing must not have come here */
export function servedBy(backend: Backend, call: Call): ServedModel {
  const served = backend.models.get(call.alias.model);
  if (served === undefined) throw new Error(`backend ${backend.id} does not serve ${call.alias.model}`);
  return served;
}

/** The engine puts the request id into its own ids and logs, so that one id is found on both sides. */
export function outboundHeaders(backend: Backend, request: RequestId): HeaderList {
  if (backend.credential === undefined) return ["content-type", "application/json", "x-request-id", request];
  return ["content-type", "application/json", "authorization", `Bearer ${backend.credential}`, "x-request-id", request];
}

/**
 * The body with the engine's name for the model, the tenant's cache salt and, in streams, usage asked for. The caller's own buffer when nothing differs, one copy
 * when it is small, views into it when it is large. The usage frame is hidden from callers who did not ask for it by the reply.
 */
export function outboundBody(
  call: Call,
  servedName: string,
  { streamOptions, cacheSalt }: Pick<Dialect, "streamOptions" | "cacheSalt">,
): Pick<Outbound, "body" | "pieces"> {
  const changes = new Map<string, Buffer | undefined>();
  const name = jsonString(servedName);
  if (!holds(call, "model", name)) changes.set("model", name);
  if (call.stream && streamOptions && !call.includeUsage) changes.set("stream_options", streamOptionsWithUsage(call));
  if (cacheSalt && call.cacheSalt !== undefined) changes.set("cache_salt", jsonString(call.cacheSalt));
  // Left out it means true, and an engine that can store would keep what the law was never asked about.
  if (wireOf(call) === "responses" && !holds(call, "store", FALSE)) changes.set("store", FALSE);
  if (changes.size === 0) return { body: call.body };
  const edits = memberEdits(call, changes);
  return call.body.length < PIECES_BYTES_MIN ? { body: splice(call.body, edits) } : { body: undefined, pieces: cut(call.body, edits) };
}

function holds(call: Call, member: string, value: Buffer): boolean {
  const slice = call.fields.get(member);
  return (
    slice !== undefined &&
    slice.end - slice.start === value.length &&
    call.body.compare(value, 0, value.length, slice.start, slice.end) === 0
  );
}
