/** A call made ready for Triton: read once, rendered once for each template, and worked out once for each model that may serve it. */
import type { Call } from "../../domain/call.ts";
import type { ServedModel } from "../../domain/fleet.ts";
import { type Members, isList, isRecord, parseBody, unsupported, wrongType } from "./body.ts";
import type { ReadingPlan } from "./choice.ts";
import { type EmbeddingRequest, embeddingRequest } from "./embedding-request.ts";
import { type Guide, guideOf } from "./guide.ts";
import { inputsOf } from "./inputs.ts";
import { readToolChoice, readTools, type Tool, type ToolChoice } from "./messages.ts";
import { type TemplateCache, toolFormatOf } from "./prompt.ts";
import { readSampling } from "./sampling.ts";
import type { EmbeddingShape, GenerateShape, ModelShape } from "./shape.ts";
import type { ToolUse } from "./tool-reader.ts";

/** A text call: everything that goes out but its id, and how the answer is to be read. */
export interface GenerateJob {
  readonly kind: "generate";
  readonly inputs: Members;
  readonly plan: ReadingPlan;
  /** The model is silent until its answer is whole. */
  readonly comesWhole: boolean;
}

export interface EmbeddingJob {
  readonly kind: "embedding";
  readonly request: EmbeddingRequest;
  readonly shape: EmbeddingShape;
  readonly base64: boolean;
}

export type Job = GenerateJob | EmbeddingJob;

/** What chat has and completions have not. */
interface Talk {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice;
  readonly guide: Guide | undefined;
}

const SILENT: Talk = { tools: [], choice: { kind: "none" }, guide: undefined };

export class Draft {
  readonly #call: Call;
  readonly #templates: TemplateCache;
  readonly #jobs = new Map<ServedModel, { readonly shape: ModelShape; readonly job: Job }>();
  #members: Members | undefined;

  constructor(call: Call, templates: TemplateCache) {
    this.#call = call;
    this.#templates = templates;
  }

  /** @throws Fault of the 400 family: what this model cannot do of what the call asks */
  job(served: ServedModel, shape: ModelShape): Job {
    const known = this.#jobs.get(served);
    if (known?.shape === shape) return known.job;
    const job = this.#work(served, shape);
    this.#jobs.set(served, { shape, job });
    return job;
  }

  get #body(): Members {
    return (this.#members ??= parseBody(this.#call));
  }

  #work(served: ServedModel, shape: ModelShape): Job {
    const embeds = this.#call.capability === "embeddings";
    if (embeds !== (shape.kind === "embedding")) throw unsupported("model");
    if (shape.kind !== "embedding") return this.#generate(served, shape);
    const request = embeddingRequest(this.#body, shape, served.model);
    return { kind: "embedding", request, shape, base64: this.#body["encoding_format"] === "base64" };
  }

  #generate(served: ServedModel, shape: GenerateShape): GenerateJob {
    const body = this.#body;
    const sampling = readSampling(this.#call, served.model, body);
    const chat = this.#call.capability === "chat";
    const talk = chat ? talkOf(body) : SILENT;
    const toolUse = toolUseOf(talk, served);
    const prompt = chat ? this.#rendered(served, talk) : promptOf(body["prompt"]);
    // The end of a turn is a token that TensorRT-LLM may not know to be one.
    const eos = served.chatTemplate?.eosToken ?? "";
    const turnEnds = chat && shape.kind !== "vllm" && eos !== "" ? [eos] : [];
    const showSpecial = toolUse?.kind === "free" && toolUse.format === "mistral";
    const guideName = served.triton?.guideName ?? "structured_outputs";
    const inputs = inputsOf({ prompt, sampling, guide: talk.guide, guideName, turnEnds, showSpecial }, shape);
    const plan: ReadingPlan = {
      manner: { accumulates: shape.accumulates, echo: served.triton?.echoes === true ? prompt : "" },
      stops: shape.kind === "vllm" ? [] : [...sampling.stop, ...turnEnds],
      tellsReason: shape.inputs.has("return_finish_reason"),
      tokensMax: sampling.tokensMax,
      toolUse,
      logprobs: sampling.logprobs,
    };
    return { kind: "generate", inputs, plan, comesWhole: !shape.streams };
  }

  #rendered(served: ServedModel, { tools, choice }: Talk): string {
    const template = served.chatTemplate;
    if (template === undefined) throw unsupported("messages");
    const shown = choice.kind === "none" ? [] : tools;
    return this.#templates.render(served, template, {
      messages: this.#body["messages"],
      tools: shown,
      variables: variablesOf(this.#body["chat_template_kwargs"]),
    });
  }
}

function talkOf(body: Members): Talk {
  const tools = readTools(body["tools"]);
  const choice = readToolChoice(body["tool_choice"], tools);
  return { tools, choice, guide: guideOf(body["response_format"], choice, tools) };
}

/** How the answer will call tools; undefined: it will not. */
function toolUseOf({ choice }: Talk, served: ServedModel): ToolUse | undefined {
  if (choice.kind === "none") return undefined;
  if (choice.kind === "named") return { kind: "one", name: choice.tool.name };
  if (choice.kind === "required") return { kind: "list" };
  const format = toolFormatOf(served);
  if (format === undefined) throw unsupported("tools");
  return { kind: "free", format };
}

/** Plain values for the template, such as `enable_thinking`. */
function variablesOf(given: unknown): Members {
  if (given === undefined || given === null) return {};
  if (!isRecord(given)) throw wrongType("chat_template_kwargs", "an object");
  for (const [name, value] of Object.entries(given)) {
    if (!["string", "number", "boolean"].includes(typeof value)) throw wrongType(`chat_template_kwargs.${name}`, "a plain value");
  }
  return given;
}

/** One text; several prompts in one call, or token ids, cannot be said to generate. */
function promptOf(prompt: unknown): string {
  if (typeof prompt === "string") return prompt;
  const list = isList(prompt) ? prompt : [];
  const [first] = list;
  if (list.length === 1 && typeof first === "string") return first;
  if (list.length === 0) throw wrongType("prompt", "a string");
  throw unsupported("prompt");
}
