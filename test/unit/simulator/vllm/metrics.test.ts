import { expect, it } from "vitest";
import { ask, chat, user, vllm } from "../support.ts";

const value = (text: string, name: string) => Number(new RegExp(`^vllm:${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1]);

it("counts what was really done", async () => {
  const simulator = await vllm();
  await chat(simulator, "hello", { max_tokens: 5 });
  await chat(simulator, "hello", { max_tokens: 5, stream: true });
  await chat(simulator, "[[fail:error:1]]");
  const { text, headers } = await ask(`${simulator.url}/metrics`);
  expect(headers["content-type"]).toBe("text/plain; version=1.0.0; charset=utf-8");
  expect(value(text, "generation_tokens_total")).toBe(simulator.engine.totals.generatedTokens);
  expect(value(text, "time_to_first_token_seconds_count")).toBe(3);
  expect(value(text, "e2e_request_latency_seconds_count")).toBe(2);
  expect(value(text, "request_generation_tokens_sum")).toBe(10);
  expect(text).toContain('vllm:request_success_total{engine="0",finished_reason="length",model_name="tiny-llama"} 2.0');
  expect(text).toContain('vllm:request_success_total{engine="0",finished_reason="error",model_name="tiny-llama"} 1.0');
});

it("does not count a client that left as finished, and frees its place at once", async () => {
  const simulator = await vllm();
  const body = { messages: user("[[tokens:100000]]"), stream: true, max_tokens: 30_000 };
  await ask(`${simulator.url}/v1/chat/completions`, { body, leave: (bytes) => bytes.length > 2_000 });
  await expect.poll(() => simulator.counts.cancelled).toBe(1);
  const { text } = await ask(`${simulator.url}/metrics`);
  expect([value(text, "num_requests_running"), value(text, "kv_cache_usage_perc")]).toEqual([0, 0]);
  expect(text).toContain('finished_reason="abort",model_name="tiny-llama"} 0.0');
  expect(simulator.engine.totals).toMatchObject({ cancelled: 1, finished: 0 });
});
