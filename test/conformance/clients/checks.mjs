/** What every client's script shares: its target, its checks one after the other, one JSON line for each, and what the witness saw. */
import assert from "node:assert/strict";

const CHECK_MS_MAX = 25_000;

/** See ../README.md: what a target is, and what its `without` switches off. */
export const target = JSON.parse(process.env.CONFORMANCE_TARGET);
export const { chat: CHAT, embedding: VECTORS } = target.models;
const checks = [];

// A promise that a client leaves behind when it fails must not end the checks that come after; what was awaited has failed already.
process.on("unhandledRejection", () => undefined);

/** @param needs capabilities; where the target lacks one the check is skipped and says so */
export function check(name, needs, run) {
  checks.push({ name, needs, run });
}

/** Runs what was declared, in its order. A check that fails hides none of the others. */
export async function runAll(client) {
  for (const { name, needs, run } of checks) {
    const lacking = needs.find((need) => target.without.includes(need));
    if (lacking !== undefined) say({ check: name, skipped: `the target is without ${lacking}` });
    else say({ check: name, ...(await outcome(run)) });
  }
  say({ check: "end", ok: true, client });
  process.exit(0); // some clients keep sockets or timers
}

async function outcome(run) {
  let timer;
  const late = new Promise(
    (_, reject) => (timer = setTimeout(() => reject(new Error(`not done within ${CHECK_MS_MAX} ms`)), CHECK_MS_MAX)),
  );
  try {
    await Promise.race([run(), late]);
    return { ok: true };
  } catch (error) {
    return { ok: false, why: String(error?.stack ?? error).slice(0, 2_000) };
  } finally {
    clearTimeout(timer);
  }
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export const directed = !target.without.includes("directives");

/** A prompt with one certain answer where the target has directives; elsewhere some answer must do. */
export function saying(text) {
  return directed ? `[[say:${text}]]` : `Say only this, and nothing else: ${text}`;
}

/** The answer is that text; where the model thinks for itself, it is any text. */
export function said(got, text) {
  if (directed) assert.equal(got, text);
  else assert.ok(typeof got === "string" && got.length > 0, `no text: ${JSON.stringify(got)}`);
}

/** A prompt whose answer is long enough to be left in the middle. */
export const LONG = directed ? "[[tokens:3000]]" : "Count from 1 to 2000 in words, one number per line.";

/** Requests that went over the wire while `run` ran, as the witness between client and gateway saw them. */
export async function during(run) {
  const before = (await exchanges()).length;
  const result = await run();
  return { result, seen: (await exchanges()).slice(before) };
}

export async function exchanges() {
  return (await fetch(new URL("/-/exchanges", target.baseUrl))).json();
}

/** What `run` was refused with. */
export async function refused(run) {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
}

/** The gateway holds nothing any more for a key that may have one request at a time: it is asked until it says so. */
export async function freed(withinMs) {
  const startedMs = performance.now();
  for (;;) {
    const response = await raw(target.keys.paced, { max_tokens: 1 });
    if (response.status === 200) return performance.now() - startedMs;
    assert.ok(performance.now() - startedMs < withinMs, `still held after ${withinMs} ms: ${response.status}`);
    await sleep(20);
  }
}

async function raw(key, more) {
  const response = await fetch(`${target.baseUrl}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: CHAT, messages: [{ role: "user", content: "hi" }], ...more }),
  });
  await response.arrayBuffer();
  return response;
}

/** Something long runs on the key that may have one at a time, until somebody has been refused because of it. @returns what went over the wire */
export async function whileOccupied(run) {
  const controller = new AbortController();
  const response = await fetch(`${target.baseUrl}/chat/completions`, {
    method: "POST",
    signal: controller.signal,
    headers: { authorization: `Bearer ${target.keys.paced}`, "content-type": "application/json" },
    body: JSON.stringify({ model: CHAT, messages: [{ role: "user", content: LONG }], max_tokens: 3_000, stream: true }),
  });
  await response.body.getReader().read();
  const before = (await exchanges()).length;
  const since = async () => (await exchanges()).slice(before);
  const answer = run();
  answer.catch(() => undefined); // it is awaited below
  while (!(await since()).some(({ status }) => status !== undefined)) await sleep(20);
  controller.abort();
  await answer;
  return since();
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** 503 with `retry-after: 1` was asked again at most `times` times, each a second or more after the last. */
export function patient(seen, times) {
  assert.deepEqual(
    seen.map(({ status }) => status),
    Array.from({ length: times }, () => 503),
  );
  for (const [at, one] of seen.entries()) if (at > 0) assert.ok(one.startedMs - seen[at - 1].endedMs > 900, "it did not wait");
}

export const CITY = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
