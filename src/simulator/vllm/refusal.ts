/** How vLLM says no: the bodies of its error answers. */

/** Thrown by what reads a request; the server turns it into an answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

/** The usual envelope; `code` is the status, as a number. */
export function errorBody(
  status: number,
  type: string,
  { message, param = null }: { readonly message: string; readonly param?: string | null },
): unknown {
  return { error: { message, type, param, code: status } };
}

/** A value that vLLM itself refuses. */
export function badRequest(message: string, param: string | null = null): Refusal {
  return new Refusal(400, errorBody(400, "BadRequestError", { message, param }));
}

/** One finding of the schema check, as its library writes it. */
export interface Invalid {
  readonly type: string;
  /** "body.messages" */
  readonly loc: string;
  readonly msg: string;
  /** The value, or "<dict of 3 items>" for something big. */
  readonly input: string;
  /** More members, ready to print. */
  readonly more?: string;
}

/** A body that does not have the shape. Note the space in the type, unlike badRequest(). */
export function invalid(finding: Invalid): Refusal {
  const { type, loc, msg, input, more = "" } = finding;
  const message = `1 validation error:\n  {'type': '${type}', 'loc': '${loc}', 'msg': '${msg}', 'input': '${input}'${more}}`;
  return new Refusal(400, errorBody(400, "Bad Request", { message, param: loc }));
}

/** The server names its aliases, except one that only embeds. */
export function unknownModel(name: string, aliases: readonly string[] | undefined): Refusal {
  const known = aliases === undefined ? "" : ` Valid aliases: ${aliases.join(", ")}.`;
  const param = aliases === undefined ? null : "model";
  return new Refusal(404, errorBody(404, "NotFoundError", { message: `The model \`${name}\` does not exist.${known}`, param }));
}

export const UNREADABLE = { detail: "There was an error parsing the body" } as const;
export const NOT_FOUND = { detail: "Not Found" } as const;
export const METHOD_NOT_ALLOWED = { detail: "Method Not Allowed" } as const;
export const UNAUTHORIZED = { error: "Unauthorized" } as const;

export const BUSY = errorBody(503, "Service Unavailable", {
  message: "The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.",
});
export const BROKEN = errorBody(500, "InternalServerError", {
  message: "EngineCore encountered an issue. See stack trace (above) for the root cause.",
});
export const STOPPING = errorBody(500, "InternalServerError", { message: "cannot schedule new futures after shutdown" });
