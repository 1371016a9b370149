/** One request asked of the engine itself and through the gateway: what came back must be the same but for the documented edits. */
import { expect } from "vitest";
import type { Answer, Lane } from "./lane.ts";
import { framesOf, post } from "./lane.ts";

export interface Route {
  /** At the gateway. */
  readonly path: string;
  /** At the engine. */
  readonly engineUrl: string;
  readonly model: string;
  readonly servedName: string;
}

export interface Pair {
  readonly direct: Answer;
  readonly through: Answer;
}

/** Asks both, one after the other: together they would be one batch, and another sum. */
export async function askBoth(lane: Lane, route: Route, body: object): Promise<Pair> {
  const direct = await post(route.engineUrl, { model: route.servedName, ...body });
  const through = await lane.ask(route.path, { model: route.model, ...body });
  return { direct, through };
}

/** Members that the gateway writes, those that no two answers have alike, and what a cache held: tenants have none in common with whoever asks directly. */
const OWN: ReadonlySet<string> = new Set(["id", "created", "model", "system_fingerprint", "prompt_tokens_details"]);

/** The same members with the same values; ids of tool calls are made anew for each answer. */
export function expectSameBody({ direct, through }: Pair, { model }: Route): void {
  expect([direct.status, through.status, through.text]).toEqual([200, 200, expect.anything()]);
  expect(anonymous(through.json)).toEqual(anonymous(direct.json));
  expect(Object.keys(through.json)).toEqual(Object.keys(direct.json));
  if ("model" in direct.json) expect(through.json.model).toBe(model);
  if (direct.json.id !== undefined) expect(through.json.id).toContain(through.headers.get("x-request-id"));
  if ("system_fingerprint" in direct.json) expect(through.json.system_fingerprint).toBeNull();
}

function anonymous(json: object): unknown {
  return JSON.parse(JSON.stringify(json, (key, value: unknown) => (OWN.has(key) ? undefined : value)));
}

export interface Said {
  readonly text: string;
  readonly finish: string | undefined;
  readonly toolArguments: string;
  readonly tokens: readonly string[];
}

/** What a stream said: how it was cut into frames is chance. */
export function saidIn(frames: readonly ReturnType<typeof framesOf>[number][]) {
  const choices = new Map<number, Said>();
  let usage: unknown;
  for (const frame of frames) {
    usage = (frame.usage ?? null) === null ? usage : anonymous(frame.usage);
    for (const choice of frame.choices) {
      const { text, finish, toolArguments, tokens } = choices.get(choice.index) ?? {
        text: "",
        finish: undefined,
        toolArguments: "",
        tokens: [],
      };
      const calls: readonly { function?: { arguments?: string } }[] = choice.delta?.tool_calls ?? [];
      choices.set(choice.index, {
        text: text + (choice.delta?.content ?? choice.text ?? ""),
        finish: choice.finish_reason ?? finish,
        toolArguments: toolArguments + calls.map((call) => call.function?.arguments ?? "").join(""),
        tokens: [...tokens, ...(choice.logprobs?.content ?? []).map(({ token }: { token: string }) => token)],
      });
    }
  }
  return { choices: [...choices].sort(([a], [b]) => a - b).map(([, said]) => said), usage };
}

export function expectSameStream({ direct, through }: Pair, { model }: Route): void {
  expect([direct.status, through.status]).toEqual([200, 200]);
  expect(through.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const frames = framesOf(through);
  expect(saidIn(frames)).toEqual(saidIn(framesOf(direct)));
  expect(new Set(frames.map((frame) => `${frame.model} ${frame.id} ${frame.created}`)).size).toBe(1);
  expect(frames[0]).toMatchObject({ model, id: expect.stringContaining(through.headers.get("x-request-id") ?? "none") });
}
