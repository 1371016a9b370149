import { describe, expect, it } from "vitest";
import { readyModels } from "../../../../src/backends/triton/readiness.ts";
import { tritonAnswer } from "../../../fixtures/engines/read.ts";
import { asking } from "../support.ts";

const INDEX = "/v2/repository/index";
const page = (status: number, body = "") => ({ status, body });

describe("readyModels", () => {
  it("asks for one model by its own route", async () => {
    const ask = asking({ "/v2/models/a/ready": page(200) });
    expect(await readyModels(ask, ["a"])).toEqual(["a"]);
    expect(ask.asked).toEqual(["GET /v2/models/a/ready"]);
    expect(await readyModels(asking({ "/v2/models/a/ready": page(400, '{"error":"Model version not ready"}') }), ["a"])).toEqual([]);
  });

  it("asks for several by the index, once", async () => {
    const ask = asking({ [INDEX]: page(200, tritonAnswer("41-index").body.toString()) });
    expect(await readyModels(ask, ["vllm_model", "seq_counter", "ensemble"])).toEqual(["vllm_model", "ensemble"]);
    expect(ask.asked).toEqual([`POST ${INDEX}`]);
  });

  it("takes no model for ready that loads, unloads, is gone, or was never loaded", async () => {
    const index = [
      { name: "a" },
      { name: "b", state: "LOADING" },
      { name: "c", state: "UNAVAILABLE", reason: "unloaded" },
      { name: "d", state: "READY" },
      5,
    ];
    expect(await readyModels(asking({ [INDEX]: page(200, JSON.stringify(index)) }), ["a", "b", "c", "d"])).toEqual(["d"]);
  });

  it.each([
    ["closed to us", page(403, '{"error":"restricted"}')],
    ["no JSON", page(200, "<html>")],
    ["no list", page(200, "{}")],
  ])("asks model by model when the index is %s", async (_, index) => {
    const ask = asking({ [INDEX]: index, "/v2/models/a/ready": page(200), "/v2/models/b/ready": page(400) });
    expect(await readyModels(ask, ["a", "b"])).toEqual(["a"]);
  });

  it("has no answer when nobody answers", async () => {
    await expect(readyModels(asking({}), ["a"])).rejects.toThrow();
  });
});
