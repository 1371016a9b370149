/** The heads and bodies that Triton's HTTP server sends: capital header names, no date, no server. */
import type { Answer } from "../answer.ts";
import type { ModelKind } from "./models.ts";

export const JSON_TYPE = "application/json";
export const TEXT_TYPE = "text/plain";

/** The part of an answer that these replies need. */
export type Outlet = Pick<Answer, "head" | "write" | "end">;

/** How Triton says no. */
export class TritonError extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, message: string, type: string = JSON_TYPE) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

export interface Whole {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  /** More headers, flat. */
  readonly more?: readonly string[];
}

export function send(answer: Outlet, { status, type, text, more = [] }: Whole): void {
  // Empty answers of the health routes name the length first; so do errors in plain text.
  const length = ["Content-Length", String(Buffer.byteLength(text))];
  const kind = ["Content-Type", type];
  answer.head(status, [...(type === TEXT_TYPE ? [...length, ...kind] : [...kind, ...length]), ...more]);
  answer.end(text);
}

export function sendJson(answer: Outlet, value: unknown): void {
  send(answer, { status: 200, type: JSON_TYPE, text: JSON.stringify(value) });
}

export function sendEmpty(answer: Outlet, type: string = TEXT_TYPE): void {
  send(answer, { status: 200, type, text: "" });
}

export function sendError(answer: Outlet, { status, message, type }: TritonError, more: readonly string[] = []): void {
  send(answer, { status, type, text: JSON.stringify({ error: message }), more });
}

export interface ModelFailure {
  /** 400 before the first response, whatever went wrong; after it the 200 is out. */
  readonly status: 200 | 400;
  readonly message: string;
  readonly framed: boolean;
  readonly kind: ModelKind;
}

/** Ends an answer with an error of the model itself, in the route's own form. */
export function sendModelError(answer: Outlet, { status, message, framed, kind }: ModelFailure): void {
  const error = JSON.stringify({ error: `${PREFIXES[kind] ?? ""}${message}` });
  answer.head(status, generateHead(framed));
  answer.end(framed ? `data: ${error}\n\n` : error);
}

/** What stands before a complaint. */
const PREFIXES: Partial<Record<ModelKind, string>> = { vllm: "Error generating stream: ", ensemble: "in ensemble 'ensemble', " };

export function generateHead(framed: boolean): readonly string[] {
  return ["Content-Type", framed ? "text/event-stream; charset=utf-8" : JSON_TYPE, "Transfer-Encoding", "chunked"];
}
