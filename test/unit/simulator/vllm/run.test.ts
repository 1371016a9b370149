import { expect, it } from "vitest";
import { chat, ManualClock, vllm } from "../support.ts";

it("sends a stream's head before its first token, a whole answer's head with its body", async () => {
  const clock = new ManualClock();
  const simulator = await vllm({ clock });
  let whole = false;
  const streaming = chat(simulator, "hello", { stream: true });
  const waiting = chat(simulator, "hello").finally(() => (whole = true));
  await expect.poll(() => simulator.engine.running + simulator.engine.waiting).toBe(2);
  expect(whole).toBe(false);
  clock.advance(100_000);
  expect([(await streaming).status, (await waiting).status]).toEqual([200, 200]);
});
