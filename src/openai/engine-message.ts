/** Reads what engines say when they fail: each has its own form, and none is OpenAI's. */
import { BOUNDS } from "../bounds.ts";

export interface EngineMessage {
  readonly message: string | undefined;
  readonly param: string | undefined;
  /** The status the engine would have answered with; undefined: not said. */
  readonly code: number | undefined;
}

const SILENT: EngineMessage = { message: undefined, param: undefined, code: undefined };

/**
 * Reads `{"error":{…}}`, `{"error":"…"}`, `{"detail":"…"}`, `{"detail":[{"msg":…,"loc":…}]}` and `{"object":"error",…}`;
 * anything else, HTML included, says nothing.
 */
export function readError(body: Buffer): EngineMessage {
  if (body.length > BOUNDS.replyErrorBytesMax) return SILENT;
  try {
    return messageOf(JSON.parse(body.toString("utf8")));
  } catch {
    return SILENT;
  }
}

function messageOf(value: unknown): EngineMessage {
  if (!isRecord(value)) return SILENT;
  const { error, detail } = value;
  if (typeof error === "string") return { message: error, param: undefined, code: codeOf(value) };
  if (isRecord(error)) return { message: textOf(error["message"]), param: textOf(error["param"]), code: codeOf(error) };
  if (typeof detail === "string") return { message: detail, param: undefined, code: undefined };
  if (Array.isArray(detail)) return firstDetail(detail);
  return { message: textOf(value["message"]), param: textOf(value["param"]), code: codeOf(value) };
}

function firstDetail(detail: readonly unknown[]): EngineMessage {
  const first = detail[0];
  if (!isRecord(first)) return SILENT;
  const path = Array.isArray(first["loc"]) ? first["loc"].filter((part) => part !== "body").join(".") : undefined;
  return { message: textOf(first["msg"]), param: path, code: undefined };
}

function codeOf(value: Readonly<Record<string, unknown>>): number | undefined {
  const code = Number(value["code"] ?? value["http_status_code"] ?? NaN);
  if (Number.isInteger(code) && code >= 400 && code < 600) return code;
  return value["error_type"] === "overloaded" ? 503 : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
