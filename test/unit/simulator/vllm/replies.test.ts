import { expect, it } from "vitest";
import { errorFrames, frame } from "../../../../src/simulator/vllm/replies.ts";
import { ask, chat, vllm } from "../support.ts";

const names = (raw: readonly string[]) => raw.filter((_, index) => index % 2 === 0);

it("has uvicorn's headers and no others", async () => {
  const simulator = await vllm();
  const got = await chat(simulator, "x");
  expect(names(got.rawHeaders)).toEqual(["date", "server", "content-length", "content-type", "vary"]);
  expect([got.headers["server"], got.headers["vary"]]).toEqual(["uvicorn", "Origin"]);
  expect(got.headers["date"]).toMatch(/^\w{3}, \d\d \w{3} 2026 \d\d:\d\d:\d\d GMT$/);
  expect(names((await ask(`${simulator.url}/health`)).rawHeaders)).toEqual(["date", "server", "content-length", "vary"]);
});

it("echoes the request id when told to", async () => {
  const { url } = await vllm({ requestIdHeaders: true });
  expect((await ask(`${url}/health`, { headers: { "x-request-id": "mine" } })).headers["x-request-id"]).toBe("mine");
  expect((await ask(`${url}/health`)).headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
});

it("writes frames as JSON, and errors inside a stream as Python does", () => {
  expect(frame({ a: [1] })).toBe('data: {"a":[1]}\n\n');
  expect(errorFrames({ error: { message: "m", param: null } })).toBe(
    'data: {"error": {"message": "m", "param": null}}\n\ndata: [DONE]\n\n',
  );
});
