import { describe, expect, it } from "vitest";
import { probe } from "../../../../src/cli/init/probe.ts";

const tensors = (inputs: readonly unknown[], outputs: readonly unknown[], more: object = {}) => ({
  input: inputs,
  output: outputs,
  ...more,
});
const text = (name: string, optional = false) => ({ name, data_type: "TYPE_STRING", dims: [1], optional });
const paths = (...names: string[]) => ({ paths: Object.fromEntries(names.map((name) => [name, {}])) });

/** What each engine answers, as far as it matters, by path. */
const ENGINES = {
  vllm: { "/version": { version: "0.32.0" }, "/v1/models": { data: [{ id: "tiny", max_model_len: 4096 }] } },
  sglang: {
    "/get_server_info": { model_path: "org/tiny", context_length: 2048 },
    "/v1/models": { data: [{ id: "tiny" }] },
    "/version": { version: "x" },
  },
  tgi: { "/info": { model_id: "org/tiny", max_total_tokens: 1024 }, "/v1/models": { object: "nothing" } },
  llamacpp: { "/props": { default_generation_settings: { n_ctx: 512 } }, "/v1/models": { data: [{ id: "tiny.gguf" }] } },
  ollama: { "/api/version": { version: "0.9" }, "/v1/models": { data: [{ id: "tiny:latest" }] } },
  openai: { "/v1/models": { data: [{ id: "tiny", context_window: 99 }, { object: "no id" }] } },
  triton: {
    "/v2": { name: "triton", version: "2.51.0", extensions: ["statistics"] },
    "/v2/models/stats": {
      model_stats: [{ name: "vllm_model" }, { name: "embed_text" }, { name: "preprocessing" }, { name: "vllm_model" }],
    },
    "/v2/models/vllm_model/config": tensors([text("text_input"), text("sampling_parameters", true)], [text("text_output")], {
      parameters: { max_model_len: { string_value: "4096" } },
    }),
    "/v2/models/embed_text/config": tensors(
      [text("TEXT")],
      [
        { name: "EMBEDDING", data_type: "TYPE_FP32", dims: [384] },
        { name: "TOKENS", data_type: "TYPE_INT32", dims: [1] },
      ],
    ),
    "/v2/models/preprocessing/config": tensors([text("QUERY")], [{ name: "IDS", data_type: "TYPE_INT32", dims: [-1] }]),
  },
} as const;

function answering(engine: keyof typeof ENGINES, more: Readonly<Record<string, unknown>> = {}) {
  const routes = new Map<string, unknown>(Object.entries({ ...ENGINES[engine], ...more }));
  return (url: string) => {
    const answer = routes.get(url.slice("http://h:1".length));
    return Promise.resolve(answer === undefined ? { status: 404, body: "<html>" } : { status: 200, body: JSON.stringify(answer) });
  };
}

describe("probe", () => {
  it.each([
    ["vllm", "tiny", 4096],
    ["sglang", "tiny", 2048],
    ["tgi", "org/tiny", 1024],
    ["llamacpp", "tiny.gguf", 512],
    ["ollama", "tiny:latest", undefined],
    ["openai", "tiny", 99],
  ] as const)("knows %s", async (engine, servedName, contextTokensMax) => {
    const found = await probe(answering(engine), "http://h:1/v1/");
    expect(found).toMatchObject({ baseUrl: "http://h:1", engine });
    expect(found?.models).toHaveLength(1);
    expect(found?.models[0]).toMatchObject({ servedName, contextTokensMax });
  });

  it.each([
    ["generates", ["/v1/chat/completions", "/v1/completions", "/tokenize", "/health"], ["chat", "completions", "tokenize"]],
    ["embeds", ["/v1/embeddings", "/v1/rerank", "/tokenize"], ["embeddings", "tokenize", "rerank"]],
    ["ranks", ["/v1/rerank", "/tokenize"], ["tokenize", "rerank"]],
    ["shows nothing of the kind", ["/health"], ["chat", "completions", "tokenize"]],
  ] as const)("knows by its routes what a vLLM that %s can do", async (_, routes, capabilities) => {
    const found = await probe(answering("vllm", { "/openapi.json": paths(...routes) }), "http://h:1");
    expect(found?.models[0]?.capabilities).toEqual(capabilities);
  });

  it("takes a vLLM that hides its routes for one that chats", async () => {
    expect((await probe(answering("vllm"), "http://h:1"))?.models[0]?.capabilities).toEqual(["chat", "completions", "tokenize"]);
  });

  it("knows Triton's models by their tensors", async () => {
    const found = await probe(answering("triton"), "http://h:1");
    expect(found).toEqual({
      baseUrl: "http://h:1",
      engine: "triton",
      models: [
        { servedName: "vllm_model", contextTokensMax: 4096, capabilities: ["completions"] },
        { servedName: "embed_text", contextTokensMax: undefined, capabilities: ["embeddings"] },
      ],
    });
  });

  it("gives up on servers that are something else", async () => {
    expect(await probe(() => Promise.resolve({ status: 200, body: "<html>welcome</html>" }), "http://h:1")).toBeUndefined();
    expect(await probe(() => Promise.reject(new Error("refused")), "http://h:1")).toBeUndefined();
  });
});
