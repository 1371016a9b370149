/** Judges recorded exchanges (a file with a JSON array of them) by OpenAI's description: one JSON line for each kind of thing that is not as described, then one with counts. */
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { description } from "./description.mjs";

/** What a path answers with: in one piece, and in each frame of a stream. */
const KINDS = [
  [/^\/v1\/chat\/completions$/, "chat", "chunk"],
  [/^\/v1\/completions$/, "completion", "completion"],
  [/^\/v1\/embeddings$/, "embeddings"],
  [/^\/v1\/responses$/, "response", "event"],
  [/^\/v1\/models$/, "models"],
  [/^\/v1\/models\/.+$/, "model"],
  [/^\/v1\/organization\/usage\/completions(\?|$)/, "usage"],
  [/^\/v1\/organization\/costs(\?|$)/, "costs"],
];

const schema = await description();
const ajv = new Ajv({ strict: false, allErrors: true }).addSchema(schema, "openai");
const validators = new Map();
const counts = { bodies: 0, frames: 0 };
/** By what is wrong where, so that one mistake in a thousand frames is one line. */
const findings = new Map();

for (const exchange of JSON.parse(readFileSync(process.argv[2], "utf8"))) judge(exchange);
for (const finding of findings.values()) say({ finding });
say({ counts });

function judge(exchange) {
  const { method, path, status, contentType, ended } = exchange;
  const streamed = contentType.startsWith("text/event-stream");
  if (status === undefined || (ended !== "whole" && !streamed)) return;
  const [, whole, frame] = KINDS.find(([pattern]) => pattern.test(path)) ?? [];
  const request = `${method} ${path.replace(/\?.*/, "")}`;
  if (status < 400 && whole === undefined) report({ kind: "none", at: request, rule: "path", text: "nothing describes this path" });
  else if (status < 400 && streamed) stream(exchange, frame);
  else body(exchange, status < 400 ? whole : "error");
}

function body({ contentType, answer }, kind) {
  counts.bodies += 1;
  if (!contentType.startsWith("application/json")) report({ kind, at: "", rule: "content-type", text: contentType });
  document(kind, answer);
}

/** Frames end with an empty line, and hold data or comments alone: clients stumble over id, retry, and an event without data. */
function stream({ answer, ended }, kind) {
  const frames = answer.split("\n\n");
  const rest = frames.pop();
  let last = "";
  for (const frame of frames) {
    const lines = frame.split("\n").filter((line) => !line.startsWith(":"));
    if (lines.length === 0) continue;
    const data = lines.filter((line) => line.startsWith("data: "));
    const events = kind === "event" ? lines.filter((line) => line.startsWith("event: ")) : [];
    if (data.length !== 1 || data.length + events.length !== lines.length) report({ kind, at: "", rule: "sse", text: frame.slice(0, 200) });
    last = data.join("\n").slice("data: ".length);
    counts.frames += 1;
    if (last !== "[DONE]") document(kind, last);
  }
  if (ended !== "whole") return;
  if (rest !== "") report({ kind, at: "", rule: "sse", text: "it ends in the middle of a frame" });
  const closed = last === "[DONE]" || last.startsWith('{"error"') || kind === "event";
  if (!closed) report({ kind, at: "", rule: "sse", text: "its end is neither [DONE] nor an error" });
}

function document(expected, text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return report({ kind: expected, at: "", rule: "json", text: String(error) });
  }
  const kind = isError(value) ? "error" : expected;
  const validate = validatorOf(kind);
  if (!validate(value)) for (const error of outermostCauses(validate.errors)) report(located(kind, error));
}

/** Within a stream, too, an error is an error. */
function isError(value) {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.hasOwn(value, "error") &&
    !Object.hasOwn(value, "object") &&
    !Object.hasOwn(value, "type")
  );
}

function validatorOf(kind) {
  if (!validators.has(kind)) validators.set(kind, ajv.compile({ $ref: `openai#/properties/${kind}` }));
  return validators.get(kind);
}

/** Where one of several shapes nearly fits, what keeps it from fitting is the news, and not that the other shapes do not. */
function outermostCauses(errors) {
  const told = errors.filter(({ keyword }) => keyword !== "anyOf" && keyword !== "if");
  const deeper = ({ instancePath }) =>
    told.some(
      (other) =>
        other.instancePath.startsWith(`${instancePath}/`) ||
        (other.instancePath === instancePath && other.keyword !== "type" && other.keyword !== "enum"),
    );
  return told.filter((error) => error.keyword !== "type" || !deeper(error));
}

function located(kind, { instancePath, keyword, params, message }) {
  const member = params.additionalProperty ?? params.missingProperty;
  const at = `${instancePath}${member === undefined ? "" : `/${member}`}`.replace(/\/\d+(?=\/|$)/g, "/*");
  return { kind, at, rule: keyword, text: message };
}

function report({ kind, at, rule, text }) {
  const name = `${kind} ${at} ${rule}`;
  const known = findings.get(name) ?? { kind, at, rule, text, times: 0 };
  known.times += 1;
  findings.set(name, known);
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
