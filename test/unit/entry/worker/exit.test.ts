import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { WebExit } from "../../../../src/entry/worker/exit.ts";

function setup() {
  const caller = new AbortController();
  return { caller, exit: new WebExit(caller.signal) };
}

describe("WebExit", () => {
  it("answers in one piece when nothing was written before", async () => {
    const { exit } = setup();
    exit.head(201, ["content-type", "text/plain", "x-a", "1"]);
    exit.end(Buffer.from("whole"));
    const answer = await exit.answer;
    expect([answer.status, answer.headers.get("x-a"), await answer.text()]).toEqual([201, "1", "whole"]);
  });

  it("sends nothing that lies beside the bytes of a window", async () => {
    const { exit } = setup();
    exit.head(200, []);
    exit.end(Buffer.from("secret-shown-secret").subarray(7, 12));
    expect(await (await exit.answer).text()).toBe("shown");
  });

  it("answers 204 without a body", async () => {
    const { exit } = setup();
    exit.head(204, ["allow", "GET"]);
    exit.end();
    expect((await exit.answer).body).toBeNull();
  });

  it("streams what is written, from the first bytes on", async () => {
    const { exit } = setup();
    exit.head(200, []);
    exit.write(Buffer.from("a"));
    const reader = (await exit.answer).body?.getReader();
    exit.write(Buffer.from("b"));
    exit.end(Buffer.from("c"));
    let text = "";
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) text += Buffer.from(next.value).toString();
    expect(text).toBe("abc");
  });

  it("says when it is full, and when it has drained", async () => {
    const { exit } = setup();
    let drained = 0;
    exit.onDrain(() => (drained += 1));
    exit.head(200, []);
    expect(exit.write(Buffer.alloc(BOUNDS.webWaitingBytesMax - 1))).toBe(true);
    expect(exit.write(Buffer.alloc(1))).toBe(false);
    const reader = (await exit.answer).body?.getReader();
    await reader?.read();
    await reader?.read();
    await Promise.resolve();
    expect(drained).toBe(1);
  });

  it("says once that its caller has left, before or after, and swallows what comes then", () => {
    const { exit, caller } = setup();
    let gone = 0;
    exit.onGone(() => (gone += 1));
    exit.head(200, []);
    exit.write(Buffer.from("a"));
    caller.abort();
    caller.abort();
    expect([gone, exit.write(Buffer.from("b"))]).toEqual([1, true]);
    exit.end(Buffer.from("c"));
    const late = new WebExit(caller.signal);
    late.onGone(() => (gone += 1));
    expect(gone).toBe(2);
  });

  it("cuts what cannot be ended honestly", async () => {
    const { exit } = setup();
    exit.head(200, []);
    exit.write(Buffer.from("a"));
    const answer = await exit.answer;
    exit.abort();
    await expect(answer.text()).rejects.toThrow("cut");
    const unsent = setup().exit;
    unsent.abort();
    await expect(unsent.answer).rejects.toThrow("cut");
  });
});
