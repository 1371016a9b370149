/** Rerank and score, as vLLM has them, under every name that clients ask for. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DOORS, SERVED, startDoors, type Doors } from "./support/doors.ts";
import { until } from "./support/until.ts";

let doors: Doors;
beforeAll(async () => void (doors = await startDoors()));
afterEach(() => doors.heal());
afterAll(() => doors.stop());

const QUERY = { model: DOORS.rerank, query: "ships in the harbour", documents: ["eleven cats", "ships in the harbour", "the harbour"] };

describe.each(["/rerank", "/v1/rerank", "/v2/rerank"])("%s", (path) => {
  it("ranks, under the alias, with a gateway's id", async () => {
    const answer = await doors.post(path, { ...QUERY, top_n: 2, return_documents: true });
    const body = JSON.parse(await answer.text());
    expect(answer.status).toBe(200);
    expect(body.model).toBe(DOORS.rerank);
    expect(body.id).toBe(`rerank-${answer.headers.get("x-request-id")}`);
    expect(body.results.map(({ index }: { index: number }) => index)).toEqual([1, expect.any(Number)]);
    expect(body.results[0].relevance_score).toBeGreaterThan(body.results[1].relevance_score);
    expect(body.results[0]).toMatchObject({ document: { text: QUERY.documents[1] }, relevance_score: expect.any(Number) });
    expect(body.usage.prompt_tokens).toBe(body.usage.total_tokens);
  });
});

describe.each(["/score", "/v1/score"])("%s", (path) => {
  it("scores one against many, and many against many", async () => {
    const one = await doors.post(path, { model: DOORS.rerank, text_1: "ships", text_2: ["ships", "cats"] });
    const body = JSON.parse(await one.text());
    expect([one.status, body.object, body.data.length, body.model]).toEqual([200, "list", 2, DOORS.rerank]);
    expect(body.data[0].score).toBeGreaterThan(body.data[1].score);
    const many = await doors.post(path, { model: DOORS.rerank, queries: ["a", "b"], documents: ["a", "b"] });
    expect([many.status, JSON.parse(await many.text()).data.length]).toEqual([200, 2]);
  });
});

it("is charged by the engine's count of prompt tokens, and by nothing else", async () => {
  const before = await doors.usage();
  const answer = await doors.post("/v1/rerank", QUERY);
  const { usage } = JSON.parse(await answer.text());
  await until("the hold is settled", () => doors.holdsOpen() === 0);
  const after = await doors.usage();
  expect(after.input - before.input).toBe(usage.prompt_tokens);
  expect(after.output - before.output).toBe(0);
});

it("is charged by an estimate when the engine states nothing", async () => {
  doors.reranker.faults.set({ usage: "absent" });
  const before = await doors.usage();
  await (await doors.post("/v1/rerank", QUERY)).text();
  await until("the hold is settled", () => doors.holdsOpen() === 0);
  expect((await doors.usage()).input - before.input).toBeGreaterThan(0);
});

it.each([
  ["no query", { query: undefined }, "query"],
  ["no documents", { documents: undefined }, "documents"],
  ["an empty list", { documents: [] }, "documents"],
  [
    "a remote picture",
    { documents: [{ content: [{ type: "image_url", image_url: { url: "https://evil.example/x.png" } }] }] },
    "documents[0].content[0].image_url.url",
  ],
  ["a document of another shape", { documents: [{ text: "x" }] }, "documents"],
])("refuses %s", async (_, more, param) => {
  const answer = await doors.post("/v1/rerank", { ...QUERY, ...more });
  expect([answer.status, JSON.parse(await answer.text()).error.param]).toEqual([400, param]);
});

it("knows which models rank and which chat", async () => {
  const chat = await doors.post("/v1/rerank", { ...QUERY, model: DOORS.native });
  expect([chat.status, JSON.parse(await chat.text()).error.code]).toEqual([404, "model_not_found"]);
  const ranks = await doors.post("/v1/chat/completions", { model: DOORS.rerank, messages: [{ role: "user", content: "hi" }] });
  expect(ranks.status).toBe(404);
});

it("shows nothing of the engine when it fails", async () => {
  doors.reranker.faults.set({ status: 500 });
  const answer = await doors.post("/v1/rerank", QUERY);
  const text = await answer.text();
  expect(answer.status).toBe(502);
  expect(text).not.toMatch(new RegExp(`${SERVED.rerank}|vllm|EngineCore`, "i"));
});
