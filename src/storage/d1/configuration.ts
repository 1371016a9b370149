/** The configuration as it lies in D1: published in pieces, put in force by one row, and taken only when it is whole. */
import { z } from "zod";
import { BOUNDS } from "../../bounds.ts";
import type { D1 } from "./database.ts";
import { CACHE_SALT, CONFIGURATION_IN_FORCE } from "./tables.ts";

/** A configuration file with every file that it refers to. Secrets are not among them: the environment of the Worker has those. */
export interface Stored {
  /** Grows with every publication: Unix seconds. */
  readonly epoch: number;
  /** Name of the file, for findings. */
  readonly file: string;
  readonly text: string;
  /** Texts by the path under which the configuration asks for them. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Published extends Stored {
  readonly version: string;
}

const storedFormat = z.strictObject({ epoch: z.int(), file: z.string(), text: z.string(), files: z.record(z.string(), z.string()) });

const IN_FORCE = `select value from meta where name = '${CONFIGURATION_IN_FORCE}'`;
const PARTS = "select text from configuration_part where version = ? order by part";

export class StoredConfiguration {
  readonly #database: D1;
  readonly #sha256: (text: string) => string;

  /** @param sha256 of UTF-8 text, base64url */
  constructor(database: D1, sha256: (text: string) => string) {
    this.#database = database;
    this.#sha256 = sha256;
  }

  /** Version in force; undefined: none has been published. */
  async version(): Promise<string | undefined> {
    const [row] = await this.#database.prepare(IN_FORCE).raw();
    return row === undefined ? undefined : String(row[0]);
  }

  /** @throws Error when its pieces are not all there, as while another version is being published */
  async read(version: string): Promise<Published> {
    const rows = await this.#database.prepare(PARTS).bind(version).raw();
    const whole = rows.map(([text]) => String(text)).join("");
    if (this.#sha256(whole) !== version) throw new Error(`configuration ${version} is not whole`);
    return { version, ...storedFormat.parse(JSON.parse(whole)) };
  }

  /** A secret that all isolates share and nobody else has; made by the first who asks. */
  async cacheSalt(fresh: string): Promise<string> {
    await this.#database
      .prepare(`insert into meta (name, value) values ('${CACHE_SALT}', ?) on conflict (name) do nothing`)
      .bind(fresh)
      .run();
    const [row] = await this.#database.prepare(`select value from meta where name = '${CACHE_SALT}'`).raw();
    return row === undefined ? fresh : String(row[0]);
  }
}

/** The pieces of a configuration, and the version they make. */
export function partsOf(stored: Stored, sha256: (text: string) => string): { readonly version: string; readonly parts: readonly string[] } {
  const whole = JSON.stringify(stored);
  const parts: string[] = [];
  for (let at = 0; at < whole.length;) {
    // A pair of surrogates stays together, or neither half would survive being stored.
    const cut = at + BOUNDS.storedConfigPartBytes;
    const end = isLowSurrogate(whole, cut) ? cut - 1 : cut;
    parts.push(whole.slice(at, end));
    at = end;
  }
  return { version: sha256(whole), parts };
}

function isLowSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}
