import { describe, expect, it } from "vitest";
import { readResponse } from "../../../../src/simulator/vllm/responses-request.ts";
import { ResponseEventStream } from "../../../../src/simulator/vllm/responses-stream.ts";
import { serveResponse } from "../../../../src/simulator/vllm/responses.ts";
import { vllmTranscript } from "../../../fixtures/engines/read.ts";
import { ask, shape, vllm } from "../support.ts";

const TOOL = {
  type: "function",
  name: "weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

async function post(body: object): Promise<{ readonly status: number; readonly text: string }> {
  return ask(`${(await vllm()).url}/v1/responses`, { body });
}

const framesOf = (text: string) =>
  text
    .trim()
    .split(/\n\n+/)
    .map((frame) => frame.split("\n").map((line) => line.replace(/^(event|data): /, "")))
    .map(([event = "", data = ""]) => ({ event, data: JSON.parse(data) }));

describe("POST /v1/responses", () => {
  it("has the members of the recorded answer, and calls what was cut complete in its parts", async () => {
    const got = await post({ input: "hello", max_output_tokens: 8, temperature: 0 });
    expect(shape(JSON.parse(got.text))).toEqual(shape(JSON.parse(vllmTranscript("a_responses").body.toString())));
    expect(JSON.parse(got.text)).toMatchObject({ status: "incomplete", output: [{ status: "completed" }] });
    expect(JSON.parse(got.text)).not.toHaveProperty("store");
  });

  it("has the events of the recorded stream, in their order and with their members", async () => {
    const got = await post({ input: "hello", max_output_tokens: 8, temperature: 0, stream: true });
    const recorded = framesOf(vllmTranscript("a_responses_stream").body.toString());
    const mine = framesOf(got.text);
    const once = (frames: typeof mine) => frames.filter(({ event }, at) => event !== frames[at - 1]?.event);
    expect(once(mine).map(({ event }) => event)).toEqual(once(recorded).map(({ event }) => event));
    for (const [at, { data }] of once(mine).entries()) expect(shape(data)).toEqual(shape(once(recorded)[at]?.data));
    expect(mine.map(({ data }) => data.sequence_number)).toEqual(mine.map((_, at) => at));
  });

  it("calls functions, whole and streamed", async () => {
    const whole = JSON.parse((await post({ input: "hi", tools: [TOOL], tool_choice: "required" })).text);
    expect(whole.output).toMatchObject([{ type: "function_call", name: "weather", status: "completed" }]);
    const events = framesOf(
      (await post({ input: "hi", tools: [TOOL], tool_choice: { type: "function", name: "weather" }, stream: true })).text,
    );
    const args = events.filter(({ event }) => event.endsWith("arguments.delta")).map(({ data }) => data.delta);
    expect(JSON.parse(args.join(""))).toHaveProperty("city");
  });

  it("reads items, instructions and formats", async () => {
    const input = [
      { role: "user", content: "x" },
      { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "c", output: "o" },
      { type: "reasoning", summary: [] },
      { role: "user", content: [{ type: "input_text", text: "[[say:done]]" }] },
    ];
    expect(JSON.parse((await post({ input, instructions: "i" })).text)).toMatchObject({
      instructions: "i",
      output: [{ content: [{ text: "done" }] }],
    });
    const format = { type: "json_schema", name: "s", schema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] } };
    expect(JSON.parse(JSON.parse((await post({ input: "x", text: { format } })).text).output[0].content[0].text)).toHaveProperty("n");
  });

  it("refuses what it does not keep, in the recorded words", async () => {
    expect((await post({ input: "x", background: true })).text).toContain("VLLM_ENABLE_RESPONSES_API_STORE=1");
    const previous = await post({ input: "x", previous_response_id: "resp_nope" });
    expect([previous.status, previous.text]).toEqual([404, expect.stringContaining("Response with id 'resp_nope' not found.")]);
    expect((await post({})).text).toContain("Field required");
    expect((await post({ input: "x", tools: [{ type: "web_search" }] })).status).toBe(400);
  });

  it("breaks as told", async () => {
    expect((await post({ input: "[[fail:error:1]] [[tokens:5]]", stream: true })).text).toMatch(/"error": \{/);
    expect((await post({ input: "[[fail:error:1]] [[tokens:5]]" })).status).toBe(500);
    expect([typeof readResponse, typeof serveResponse, typeof ResponseEventStream]).toEqual(["function", "function", "function"]);
  });
});
