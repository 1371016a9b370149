/** Everything that can go wrong with an engine, as knobs that can be turned while it runs, and by name for one request. */
import { z } from "zod";

const tokens = z.number().int().min(0).max(1_000_000);
const milliseconds = z.number().int().min(0).max(3_600_000);

const USAGE_FAULTS = ["absent", "zero", "duplicate", "cumulative", "absurd", "negative"] as const;

const knobs = z.strictObject({
  refuse: z
    .boolean()
    .exactOptional()
    .describe("The port is closed and open connections are reset. The control route is gone too: see forMs."),
  neverAnswer: z.boolean().exactOptional().describe("Connections are accepted, requests read, and no byte is ever sent; health included."),
  stallFirstByteMs: milliseconds.exactOptional().describe("Silence before the first byte of an inference answer."),
  stallAfterTokens: tokens.exactOptional().describe("Silence after so many tokens: forever, or for stallMs."),
  stallMs: milliseconds.exactOptional().describe("How long stallAfterTokens lasts."),
  cutAfterTokens: tokens.exactOptional().describe("The connection ends in the middle of the frame after so many tokens."),
  resetAfterTokens: tokens.exactOptional().describe("The connection is reset after so many tokens; 0: before the head."),
  errorAfterTokens: tokens
    .exactOptional()
    .describe("An error frame after so many tokens, then the clean end of a stream; 0: as the first frame, with status 200."),
  status: z
    .union([z.literal(401), z.literal(429), z.literal(500), z.literal(503)])
    .exactOptional()
    .describe("Every inference request gets this status."),
  retryAfterS: z.number().int().min(0).max(86_400).exactOptional().describe("Sent as retry-after with `status`."),
  html: z.number().int().min(200).max(599).exactOptional().describe("A proxy's HTML page with this status."),
  gzip: z.boolean().exactOptional().describe("The body is compressed, asked for or not."),
  endlessLine: z.boolean().exactOptional().describe("One line that never ends."),
  invalidUtf8: z.boolean().exactOptional().describe("Bytes that are no UTF-8 inside the text."),
  usage: z.enum(USAGE_FAULTS).exactOptional().describe("What is wrong with the token counts."),
  usageInEveryFrame: z.boolean().exactOptional().describe("Usage in each frame, asked for or not."),
  dripMs: milliseconds.min(1).exactOptional().describe("One byte each so many milliseconds."),
  sleeping: z.boolean().exactOptional().describe("Health says 200, requests hang until woken."),
  shutdownHang: z
    .boolean()
    .exactOptional()
    .describe("As after SIGTERM: the port closes, running requests hang without a byte and without an end."),
  draining: z
    .boolean()
    .exactOptional()
    .describe("As after SIGTERM with a grace period: health 200, running streams finish, new requests are a 500."),
  modelName: z.string().min(1).max(256).exactOptional().describe("The answer names this model."),
  forMs: milliseconds.min(1).exactOptional().describe("All knobs are turned back after so long."),
});

/** Every fault of an engine; absent means well. Times in milliseconds, counts in tokens. */
export type Knobs = Readonly<z.infer<typeof knobs>>;

/** JSON to knobs. @returns the reason when it is none; unknown knobs are refused. */
export function readKnobs(value: unknown): { readonly ok: true; readonly knobs: Knobs } | { readonly ok: false; readonly reason: string } {
  const parsed = knobs.safeParse(value);
  return parsed.success ? { ok: true, knobs: parsed.data } : { ok: false, reason: z.prettifyError(parsed.error) };
}

/** Whether the engine behind the port stands still. */
export function holdsStill(knobs: Knobs): boolean {
  return knobs.sleeping === true || knobs.shutdownHang === true;
}

/** The names `[[fail:KIND]]` and `[[fail:KIND:N]]` know; N defaults as written here. */
export const FAULT_KINDS = {
  hang: () => ({ neverAnswer: true }),
  "stall-first": (n = 1_000) => ({ stallFirstByteMs: n }),
  stall: (n = 2) => ({ stallAfterTokens: n }),
  cut: (n = 2) => ({ cutAfterTokens: n }),
  reset: (n = 0) => ({ resetAfterTokens: n }),
  error: (n = 0) => ({ errorAfterTokens: n }),
  "401": () => ({ status: 401 }),
  "429": (n?: number) => (n === undefined ? { status: 429 } : { status: 429, retryAfterS: n }),
  "500": () => ({ status: 500 }),
  "503": (n?: number) => (n === undefined ? { status: 503 } : { status: 503, retryAfterS: n }),
  html: (n = 502) => ({ html: n }),
  gzip: () => ({ gzip: true }),
  endless: () => ({ endlessLine: true }),
  utf8: () => ({ invalidUtf8: true }),
  "usage-absent": () => ({ usage: "absent" }),
  "usage-zero": () => ({ usage: "zero" }),
  "usage-duplicate": () => ({ usage: "duplicate" }),
  "usage-cumulative": () => ({ usage: "cumulative" }),
  "usage-absurd": () => ({ usage: "absurd" }),
  "usage-negative": () => ({ usage: "negative" }),
  "usage-every-frame": () => ({ usageInEveryFrame: true }),
  drip: (n = 1) => ({ dripMs: n }),
  "model-name": () => ({ modelName: "another-model" }),
} as const satisfies Record<string, (n?: number) => Knobs>;

const KINDS: ReadonlyMap<string, (n?: number) => Knobs> = new Map(Object.entries(FAULT_KINDS));

/** Knobs of "KIND" or "KIND:N"; undefined for a name that is not in the table or a value no knob takes. */
export function knobsOf(text: string): Knobs | undefined {
  const [kind = "", number, ...more] = text.split(":");
  const preset = KINDS.get(kind);
  if (preset === undefined || more.length > 0 || (number !== undefined && !/^\d{1,9}$/.test(number))) return undefined;
  const read = readKnobs(preset(number === undefined ? undefined : Number(number)));
  return read.ok ? read.knobs : undefined;
}

/** The knobs of one simulator, settable at run time. */
export class Faults {
  #knobs: Knobs = {};
  readonly #turned: (knobs: Knobs) => void;

  /** @param turned called after every change */
  constructor(turned: (knobs: Knobs) => void) {
    this.#turned = turned;
  }

  get now(): Knobs {
    return this.#knobs;
  }

  /** Replaces all knobs: what is not named is well again. @throws TypeError for an unknown knob or value */
  set(wanted: Knobs): void {
    const read = readKnobs(wanted);
    if (!read.ok) throw new TypeError(read.reason);
    this.#knobs = read.knobs;
    this.#turned(this.#knobs);
  }

  clear(): void {
    this.set({});
  }
}
