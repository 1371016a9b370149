/** `bailiwick init`: asks running engines what they are and writes the configuration that would serve them. */
import { draft } from "./init/draft.ts";
import type { Get } from "./init/json.ts";
import { probe } from "./init/probe.ts";
import type { Found } from "./init/probe.ts";

export interface InitIo {
  /** Must answer or reject within seconds. */
  readonly get: Get;
  /** Receives the configuration. */
  readonly write: (text: string) => void;
  /** Receives remarks for the person who asked. */
  readonly note: (text: string) => void;
}

export interface Asked {
  /** URLs of running engines. */
  readonly backends: readonly string[];
  /** ISO 3166-1 alpha-2; left open: a REQUIRED line. */
  readonly country?: string | undefined;
  readonly operatorCountry?: string | undefined;
  readonly operatorParents?: readonly string[] | undefined;
  /** For models whose engine does not say, in tokens. */
  readonly contextTokensMax?: number | undefined;
  readonly io: InitIo;
}

/** Writes a configuration for the engines that answered. Exit code: 0, or 1 when any did not (nothing is written when none did). */
export async function init({ backends, country, operatorCountry, operatorParents, contextTokensMax, io }: Asked): Promise<number> {
  const found: Found[] = [];
  for (const url of backends) {
    const one = await probe(io.get, url);
    if (one === undefined)
      io.note(
        `${url}: no engine answers here (tried Triton, Ollama, TGI, llama.cpp, SGLang, vLLM, OpenAI-compatible). Does it run, and does it want a key?\n`,
      );
    else {
      found.push(one);
      io.note(`${one.baseUrl}: ${one.engine}, ${one.models.length === 1 ? "1 model" : `${one.models.length} models`}\n`);
    }
  }
  if (found.length === 0) {
    io.note("Nothing to configure: give the URL of a running engine, e.g. bailiwick init --backend http://127.0.0.1:8000\n");
    return 1;
  }
  io.write(draft(found, { country, operatorCountry, operatorParents, contextTokensMax }));
  return found.length === backends.length ? 0 : 1;
}
