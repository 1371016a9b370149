/** An engine that knows neither chat nor Responses: a text goes in, a Response comes out. */
import type OpenAI from "openai";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clientOf } from "../conformance/openai-client.ts";
import { MODELS } from "./support/estate.ts";
import { type Stand, startStand } from "./support/stand.ts";

let stand: Stand;
beforeAll(async () => void (stand = await startStand()));
afterAll(() => stand.stop());
const model = MODELS.alpine.triton;

it("answers in one piece, with what the engine counted", async () => {
  const answer = await clientOf(stand, { maxRetries: 4 }).responses.create({
    model,
    input: "[[say:Guten Tag]]",
    instructions: "Be brief.",
  });
  expect([answer.output_text, answer.status, answer.model]).toEqual(["Guten Tag", "completed", model]);
  expect(answer.usage?.output_tokens).toBeGreaterThan(0);
});

it("streams, to the stream helper's liking", async () => {
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  const stream = clientOf(stand).responses.stream({
    model,
    input: [{ role: "user", content: [{ type: "input_text", text: "[[say:eins zwei drei]]" }] }],
  });
  for await (const event of stream) events.push(event);
  expect((await stream.finalResponse()).output_text).toBe("eins zwei drei");
  expect([events[0]?.type, events.at(-1)?.type]).toEqual(["response.created", "response.completed"]);
});

it("refuses in the caller's words what the engine cannot do", async () => {
  const refused = clientOf(stand).responses.create({
    model,
    input: "hi",
    include: ["message.output_text.logprobs"],
    top_logprobs: 20,
    reasoning: { effort: "high" },
  });
  await expect(refused).rejects.toMatchObject({ status: 400, param: expect.not.stringMatching(/^(messages|reasoning_effort|logprobs)/) });
});
