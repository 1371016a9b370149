/** A small sound configuration, and ways to spoil it, for the tests of config/ and cli/. */
import { loadConfig } from "../../../src/config/load.ts";
import type { Finding } from "../../../src/config/finding.ts";
import type { Declared } from "../../../src/domain/estate.ts";

export const SOUND = `self: { site: fra }
operators:
  acme: { country: DE, parents: [DE] }
sites:
  fra: { country: DE }
models:
  llama: { context_tokens_max: 8192 }
backends:
  gpu-1: { engine: vllm, base_url: "http://10.0.0.5:8000", models: { llama: {} } }
msps:
  shop:
    hosts: [shop.example]
    price_book: { version: "1", currency: EUR }
    aliases: { chat: { model: llama, price: { input: "0.25", output: "1.5" } } }
tenants: { clinic: {} }
projects: { research: {} }
`;

export interface Outer {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
}

export function load(text: string, { files = {}, env = {}, file = "b.yaml" }: Outer = {}) {
  const readFile = (path: string): string => {
    const found = files[path];
    if (found === undefined) throw new Error("no such file");
    return found;
  };
  return loadConfig(text, { file, readFile, env });
}

export function declared(text: string, outer?: Outer): Declared {
  const loaded = load(text, outer);
  if ("findings" in loaded) throw new Error(JSON.stringify(loaded.findings, null, 1));
  return loaded.declared;
}

export function findings(text: string, outer?: Outer): readonly Finding[] {
  const loaded = load(text, outer);
  return "findings" in loaded ? loaded.findings : [];
}

/** The sound text with one piece replaced, which must be there. */
export function spoiled(piece: string, by: string): string {
  if (!SOUND.includes(piece)) throw new Error(`sample has no ${piece}`);
  return SOUND.replace(piece, by);
}

/** "path: message" of every finding. */
export function told(text: string, outer?: Outer): readonly string[] {
  return findings(text, outer).map((finding) => `${finding.path}: ${finding.message}`);
}
