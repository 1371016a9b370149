import { describe, expect, it } from "vitest";
import { Shapes } from "../../../../src/backends/triton/shapes.ts";
import type { ServedModel, TritonModel } from "../../../../src/domain/fleet.ts";
import { asking, backendOf, MODEL } from "../support.ts";
import { configOf, DECLARED } from "./support.ts";

const PATH = "/v2/models/vllm_model/config";
const backend = backendOf("triton", { servedName: "vllm_model" });
const served = (triton?: Partial<TritonModel>): ServedModel => ({
  model: MODEL,
  servedName: "vllm_model",
  chatTemplate: undefined,
  ...(triton === undefined ? {} : { triton: { ...DECLARED, ...triton } }),
});
const page = (status: number, body: string) => asking({ [PATH]: { status, body } });

describe("Shapes", () => {
  it("knows nothing before it has looked, and looks once", async () => {
    const shapes = new Shapes();
    const ask = page(200, configOf("vllm_model"));
    expect(shapes.of(backend, served())).toBeUndefined();
    expect([await shapes.look(backend, served(), ask), await shapes.look(backend, served(), ask)]).toEqual([true, true]);
    expect(ask.asked).toEqual([`GET ${PATH}`]);
    expect(shapes.of(backend, served())?.kind).toBe("vllm");
    expect(shapes.of({ ...backend, baseUrl: "http://127.0.0.1:8" }, served())).toBeUndefined();
  });

  it("looks again when a model has gone and come back", async () => {
    const shapes = new Shapes();
    const ask = page(200, configOf("vllm_model"));
    await shapes.look(backend, served(), ask);
    shapes.forget(backend, "vllm_model");
    expect(shapes.of(backend, served())).toBeUndefined();
    await shapes.look(backend, served(), ask);
    expect(ask.asked).toHaveLength(2);
  });

  it("keeps what it saw over a reload, and takes the new declaration with it", async () => {
    const shapes = new Shapes();
    await shapes.look(backend, served(), page(200, configOf("vllm_model")));
    expect(shapes.of(backend, served({ accumulates: true }))).toMatchObject({ accumulates: true });
    expect(shapes.of(backend, served({ kind: "vllm" }))?.kind).toBe("vllm");
  });

  it("gives the same object as long as nothing has changed, or every call would be worked out twice", async () => {
    const shapes = new Shapes();
    const declared = served({ kind: "vllm", accumulates: true });
    const usual = shapes.of(backend, declared);
    expect([usual?.kind, shapes.of(backend, declared) === usual]).toEqual(["vllm", true]);
    await shapes.look(backend, declared, page(200, configOf("vllm_model")));
    const seen = shapes.of(backend, declared);
    expect([seen === usual, shapes.of(backend, declared) === seen]).toEqual([false, true]);
  });

  it("serves no model that is not what it is declared to be, or of no kind", async () => {
    const shapes = new Shapes();
    expect(await shapes.look(backend, served({ kind: "llmapi" }), page(200, configOf("vllm_model")))).toBe(false);
    expect(shapes.of(backend, served({ kind: "llmapi" }))).toBeUndefined();
    const other = new Shapes();
    expect(await other.look(backend, served({ kind: "vllm" }), page(200, configOf("preprocessing")))).toBe(false);
  });

  it("believes the declaration of a model whose configuration may not be read", async () => {
    const shapes = new Shapes();
    expect(await shapes.look(backend, served(), page(403, "no"))).toBe(false);
    expect(await shapes.look(backend, served({ kind: "vllm" }), page(403, "no"))).toBe(true);
    expect(shapes.of(backend, served({ kind: "vllm" }))?.kind).toBe("vllm");
  });
});
