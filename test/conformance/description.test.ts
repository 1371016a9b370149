/** The judge of answers finds what is not as OpenAI describes it, in bodies and in frames, and lets pass what is. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEVIATIONS, isMeant } from "./support/deviations.ts";
import { CLIENTS_FOLDER, ready } from "./support/runtimes.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-description-"));
const means = await ready("npm");
if ("missing" in means) process.stdout.write(`not run: description (${means.missing})\n`);

const CHUNK = {
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, delta: { content: "a" }, finish_reason: null }],
};
const CHAT = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "a", refusal: null }, logprobs: null, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};
const ERROR = { error: { message: "m", type: "server_error", param: null, code: null } };

interface Planted {
  readonly path?: string;
  readonly status?: number;
  readonly contentType?: string;
  readonly answer: string;
  readonly ended?: string;
}

/** "kind at rule" of all that is found. */
async function found(...planted: readonly Planted[]): Promise<readonly string[]> {
  const file = join(folder, "planted.json");
  const whole = planted.map((one) => ({
    method: "POST",
    path: "/v1/chat/completions",
    status: 200,
    contentType: "application/json",
    ended: "whole",
    ...one,
  }));
  writeFileSync(file, JSON.stringify(whole));
  const { stdout } = await promisify(execFile)(process.execPath, ["conforms.mjs", file], { cwd: CLIENTS_FOLDER });
  const lines = stdout.trim().split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line).finding).map(({ kind, at, rule }) => `${kind} ${at} ${rule}`);
}

const body = (value: unknown): Planted => ({ answer: JSON.stringify(value) });
const stream = (...frames: readonly string[]): Planted => ({ contentType: "text/event-stream; charset=utf-8", answer: frames.join("") });
const frame = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const DONE = "data: [DONE]\n\n";

describe.skipIf("missing" in means)("an answer", { timeout: 60_000 }, () => {
  // The schemas are made at the first use.
  beforeAll(() => found(body(CHAT)), 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("as it is described is nothing to report", async () => {
    const models = { object: "list", data: [{ id: "m", object: "model", created: 1, owned_by: "o" }] };
    expect(
      await found(
        body(CHAT),
        stream(frame(CHUNK), ": waiting\n\n", DONE),
        stream(frame(CHUNK), frame(ERROR)),
        { ...body(models), path: "/v1/models" },
        { ...body(ERROR), path: "/v1/whatever", status: 404 },
      ),
    ).toEqual([]);
  });

  it.each<readonly [string, string, Planted]>([
    ["a member too few", "chat /choices/*/message/refusal required", body(without(CHAT, "refusal"))],
    ["a member too many", "chat /engine additionalProperties", body({ ...CHAT, engine: "x" })],
    ["another type", "chat /created type", body({ ...CHAT, created: "now" })],
    ["another word", "chat /choices/*/finish_reason enum", body(JSON.parse(JSON.stringify(CHAT).replace('"stop"', '"eos"')))],
    [
      "a chunk with a message",
      "chunk /choices/*/message additionalProperties",
      stream(frame(JSON.parse(JSON.stringify(CHUNK).replace('"delta"', '"message"'))), DONE),
    ],
    [
      "an error without its four members",
      "error /error/param required",
      { ...body({ error: { message: "m", type: "t", code: null } }), status: 400 },
    ],
    ["an error that is a page", "error  content-type", { status: 502, contentType: "text/html", answer: "{}" }],
    ["half a document", "chat  json", { answer: '{"id":' }],
    ["an id of an event", "chunk  sse", stream(`id: 1\n${frame(CHUNK)}`, DONE)],
    ["an event without data", "chunk  sse", stream("event: ping\n\n", frame(CHUNK), DONE)],
    ["a stream without its end", "chunk  sse", stream(frame(CHUNK))],
    ["a stream that ends in a frame", "chunk  sse", stream(frame(CHUNK), DONE, "data: {")],
    ["an event that nobody knows", "event /type enum", { ...stream(frame({ type: "response.imagined" })), path: "/v1/responses" }],
    ["a path that nobody describes", "none POST /v1/imagined path", { ...body({}), path: "/v1/imagined" }],
  ])("with %s is found", async (_, expected, planted) => {
    expect(await found(planted)).toContain(expected);
  });

  it("that a client left is judged as far as it came", async () => {
    expect(await found({ ...stream(frame(CHUNK), "data: {"), ended: "left" })).toEqual([]);
    expect(await found({ ...stream(frame({ ...CHUNK, id: 1 })), ended: "left" })).toEqual(["chunk /id type"]);
  });
});

it("what is meant to differ has a reason, and is not whatever is next to it", () => {
  for (const { reason } of DEVIATIONS) expect(reason.length).toBeGreaterThan(20);
  const at = (place: string, rule = "additionalProperties") => isMeant({ kind: "chat", at: place, rule, text: "", times: 1 });
  expect([at("/metrics"), at("/metrics", "type"), at("/metric"), at("/choices/*/metrics")]).toEqual([true, false, false, false]);
});

it.runIf(process.env["CI"] === "true")("the description must not be missing", () => expect(means).not.toHaveProperty("missing"));

function without(value: object, member: string): unknown {
  return JSON.parse(JSON.stringify(value, (name, each: unknown) => (name === member ? undefined : each)));
}
