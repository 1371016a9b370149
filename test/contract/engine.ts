/** What every engine adapter owes the gateway, run over recorded answers fed at every split. */
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { Call } from "../../src/domain/call.ts";
import type { Backend } from "../../src/domain/fleet.ts";
import type { RequestId } from "../../src/domain/ids.ts";
import type { FaultName } from "../../src/faults.ts";
import type { Engine, Failure, Reply } from "../../src/ports.ts";
import type { Transcript } from "../fixtures/engines/read.ts";

export interface EngineFixture {
  readonly name: string;
  readonly call: Call;
  readonly answer: Transcript;
  readonly expect: {
    /** Text of choice 0 as the caller reads it; undefined: not looked at. */
    readonly text?: string;
    readonly finished?: boolean;
    readonly promptTokens?: number;
    readonly completionTokens?: number;
    readonly fault?: FaultName;
    readonly elsewhere?: boolean;
    readonly sick?: boolean;
  };
}

export interface EngineSubject {
  readonly engine: Engine;
  readonly backend: Backend;
  readonly request: RequestId;
}

interface Read {
  readonly out: string;
  readonly failure: Failure | undefined;
  readonly reply: Reply;
}

const HEADERS_ALLOWED: ReadonlySet<string> = new Set([
  "content-type",
  "authorization",
  "x-request-id",
  "accept",
  "inference-header-content-length",
]);
/** Above this many bytes not every split is tried but as many, evenly spread. */
const SPLITS_MAX = 800;

function feed({ engine, backend, request }: EngineSubject, { call, answer }: EngineFixture, chunks: readonly Buffer[]): Read {
  const reply = engine.reply(call, backend, request);
  reply.head(answer.status, answer.headers);
  const out: Buffer[] = [];
  for (const chunk of chunks) {
    // A socket's buffer may be overwritten or held: the reply gets bytes of its own each time.
    const bytes = reply.push(Buffer.from(chunk));
    if (bytes !== undefined) out.push(bytes);
  }
  const last = reply.end();
  if (last !== undefined) out.push(last);
  return { out: Buffer.concat(out).toString("utf8"), failure: reply.failure, reply };
}

function sameVerdict(one: Failure | undefined, other: Failure | undefined): boolean {
  return one?.fault.fault === other?.fault.fault && one?.fault.message === other?.fault.message && one?.sick === other?.sick;
}

/** As an engine writes: a frame at a time. */
function frameByFrame(body: Buffer): Buffer[] {
  return body
    .toString("latin1")
    .split(/(?<=\n\n)/)
    .map((frame) => Buffer.from(frame, "latin1"));
}

function outboundContract(subject: EngineSubject, fixture: EngineFixture): void {
  const { engine, backend, request } = subject;
  it("is accepted and goes out without anything of the caller's but the body", () => {
    expect(engine.accepts(fixture.call, backend)).toBeUndefined();
    const before = Buffer.from(fixture.call.body);
    const outbound = engine.outbound(fixture.call, backend, request);
    expect(fixture.call.body.equals(before)).toBe(true);
    expect(outbound.method).toBe("POST");
    expect(outbound.path).toMatch(/^\/[^\s]*$/);
    expect(outbound.headers.length % 2).toBe(0);
    for (const [at, name] of outbound.headers.entries()) if (at % 2 === 0) expect(HEADERS_ALLOWED).toContain(name);
    expect(outbound.headers[outbound.headers.indexOf("x-request-id") + 1]).toBe(request);
    // Raw tensors lie behind the JSON, which then has its own length.
    const jsonBytes = outbound.headers[outbound.headers.indexOf("inference-header-content-length") + 1];
    const raw = outbound.headers.includes("inference-header-content-length");
    const body = outbound.body?.toString("utf8", 0, raw ? Number(jsonBytes) : undefined) ?? "";
    expect(() => JSON.parse(body)).not.toThrow();
    expect(body).not.toContain(fixture.call.alias.name);
    const servedName = backend.models.get(fixture.call.alias.model)?.servedName;
    expect(outbound.path + body).toContain(servedName);
  });
}

function replyContract(subject: EngineSubject, fixture: EngineFixture): void {
  const { body } = fixture.answer;
  it("reads the same at every split", () => {
    const bytewise = feed(
      subject,
      fixture,
      [...body].map((byte) => Buffer.from([byte])),
    );
    const step = Math.max(1, Math.floor(body.length / SPLITS_MAX));
    for (let at = 0; at <= body.length; at += step) {
      const split = feed(subject, fixture, [body.subarray(0, at), body.subarray(at)]);
      const where = `split at ${String(at)}`;
      if (!sameVerdict(split.failure, bytewise.failure)) expect.fail(`${where}: another verdict`);
      // What came together with an error and before any other byte may be kept back, for another backend to start afresh.
      const held = split.failure !== undefined && split.out === "";
      if (!held && split.out !== bytewise.out) expect.fail(`${where}: other bytes`);
      if (!held && !isDeepStrictEqual(split.reply.observed, bytewise.reply.observed)) expect.fail(`${where}: another count`);
      if (split.failure?.elsewhere === true && split.out !== "") expect.fail(`${where}: elsewhere after bytes`);
    }
  });

  it("is judged and counted as recorded", () => {
    const { out, failure, reply } = feed(subject, fixture, frameByFrame(body));
    const { fault, elsewhere, sick, finished, promptTokens, completionTokens, text } = fixture.expect;
    expect(failure?.fault.fault).toBe(fault);
    if (elsewhere !== undefined) expect(failure?.elsewhere).toBe(elsewhere);
    if (sick !== undefined) expect(failure?.sick).toBe(sick);
    if (finished !== undefined) expect(reply.observed.finished).toBe(finished);
    if (promptTokens !== undefined) expect(reply.observed.reported?.promptTokens).toBe(promptTokens);
    if (completionTokens !== undefined) expect(reply.observed.reported?.completionTokens).toBe(completionTokens);
    if (text !== undefined) expect(textOf(fixture.call, out)).toBe(text);
  });

  it("shows the caller's name for the model and nobody's ids", () => {
    const { out } = feed(subject, fixture, [body]);
    if (out === "") return;
    for (const json of messagesOf(fixture.call, out)) {
      if (json["model"] !== undefined) expect(json["model"]).toBe(fixture.call.alias.name);
      if (typeof json["id"] === "string") expect(json["id"]).toContain(subject.request);
    }
  });

  if (fixture.call.stream) {
    it("ends with [DONE] exactly when it ended well, and shows usage exactly when asked", () => {
      const { out, failure } = feed(subject, fixture, [body]);
      expect(out.endsWith("data: [DONE]\n\n")).toBe(failure === undefined);
      const shown = messagesOf(fixture.call, out).filter((json) => typeof json["usage"] === "object" && json["usage"] !== null).length;
      if (failure === undefined) expect(shown).toBe(fixture.call.includeUsage ? 1 : 0);
    });
  }

  it("passes nothing on after a failure", () => {
    const { reply, failure } = feed(subject, fixture, [body]);
    if (failure === undefined) return;
    expect(reply.push(Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'))).toBeUndefined();
    expect(reply.end()).toBeUndefined();
    expect(reply.failure).toBe(failure);
  });
}

function messagesOf(call: Call, out: string): Record<string, unknown>[] {
  if (!call.stream) return [JSON.parse(out)];
  return out
    .split("\n\n")
    .filter((frame) => frame !== "" && frame !== "data: [DONE]")
    .map((frame) => JSON.parse(frame.replace(/^data: /, "")));
}

function textOf(call: Call, out: string): string {
  let text = "";
  for (const json of messagesOf(call, out)) {
    const choices: unknown = json["choices"];
    const first: unknown = Array.isArray(choices) ? choices.find((choice) => choice.index === 0) : undefined;
    text += said(first);
  }
  return text;
}

function said(choice: unknown): string {
  if (typeof choice !== "object" || choice === null) return "";
  if ("text" in choice && typeof choice.text === "string") return choice.text;
  const holder: unknown = "delta" in choice ? choice.delta : "message" in choice ? choice.message : undefined;
  return typeof holder === "object" && holder !== null && "content" in holder && typeof holder.content === "string" ? holder.content : "";
}

export function engineContract(subject: EngineSubject, fixtures: readonly EngineFixture[]): void {
  describe.each(fixtures.map((fixture) => ({ title: fixture.name, fixture })))("contract: $title", ({ fixture }) => {
    outboundContract(subject, fixture);
    replyContract(subject, fixture);
  });
}
