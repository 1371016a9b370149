import { describe, expect, it } from "vitest";
import { serveRerank } from "../../../../src/simulator/vllm/pairs.ts";
import { vllmTranscript } from "../../../fixtures/engines/read.ts";
import { ask, shape, vllm } from "../support.ts";

describe("rerank and score", () => {
  it("have the members of the recorded answers, sorted and cut", async () => {
    const { url } = await vllm({ runner: "pooling" });
    const rerank = await ask(`${url}/v1/rerank`, { body: { query: "hello", documents: ["world", "hello", "gateway route"], top_n: 2 } });
    expect(shape(JSON.parse(rerank.text))).toEqual(shape(JSON.parse(vllmTranscript("rerank").body.toString())));
    expect(JSON.parse(rerank.text).results[0]).toMatchObject({ index: 1, document: { text: "hello" } });
    const score = await ask(`${url}/score`, { body: { text_1: "hello", text_2: ["hello", "world"] } });
    expect(shape(JSON.parse(score.text))).toEqual(shape(JSON.parse(vllmTranscript("score").body.toString())));
  });

  it("is asked under every name, of a pooling server alone", async () => {
    const { url } = await vllm({ runner: "pooling" });
    const statuses = ["/rerank", "/v1/rerank", "/v2/rerank"].map(
      async (path) => (await ask(url + path, { body: { query: "a", documents: ["b"] } })).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 200]);
    expect((await ask(`${(await vllm()).url}/v1/rerank`, { body: { query: "a", documents: ["b"] } })).status).toBe(404);
    expect(serveRerank.length).toBe(2);
  });

  it.each([
    [{ documents: ["a"] }, "Field required"],
    [{ query: "a" }, "Field required"],
    [{ query: "a", documents: [] }, "At least one text_pair element must be given"],
    [{ query: "a", documents: [{ text: "b" }] }, "Input should be a valid string"],
    [{ query: "a", documents: ["long ".repeat(40)] }, "maximum context length is 32 tokens"],
    [{ model: "nope", query: "a", documents: ["b"] }, "does not exist"],
  ])("refuses %j", async (body, message) => {
    const { url } = await vllm({ runner: "pooling", contextTokensMax: 32 });
    const got = await ask(`${url}/v1/rerank`, { body });
    expect([got.status >= 400, got.text]).toEqual([true, expect.stringContaining(message)]);
  });

  it("refuses pairs that do not go together", async () => {
    const { url } = await vllm({ runner: "pooling" });
    const of = async (body: object) => (await ask(`${url}/v1/score`, { body })).text;
    expect(await of({ text_1: ["a", "b"], text_2: ["c"] })).toContain("1:1, 1:N or N:N");
    expect(await of({ text_1: [], text_2: ["c"] })).toContain("At least one text element");
    expect(await of({ queries: "a" })).toContain("Field required");
  });
});
