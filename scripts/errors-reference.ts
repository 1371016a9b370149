/** Every fault of src/faults.ts as Markdown, with what the caller does about it: a fault without advice does not compile. */
import { readFileSync } from "node:fs";
import { FAULTS } from "../src/faults.ts";
import type { FaultKind, FaultName } from "../src/faults.ts";
import { ADVICE } from "./errors-advice.ts";

const INTRO = `# Errors

<!-- Generated from src/faults.ts by \`npm run generate\`; do not edit. -->

An error is JSON in OpenAI's shape. All four keys are always there; \`param\` and \`code\` may be null.

\`\`\`json
{ "error": { "message": "…", "type": "invalid_request_error", "param": "messages", "code": "missing_required_parameter" } }
\`\`\`

- Go by \`status\` and \`code\`. Messages are for people, often say more than the table's text, and may change.
- *fault* is the gateway's own name: it stands in the operator's log and in the metric \`gateway_faults_total\`, never in an answer.
- *retry* is what the header \`x-should-retry\` says. OpenAI's clients obey it; "–" means that it is not sent and the client goes by the status
  (they retry 408, 409, 429 and 5xx).
- A 503, and every 429 that waiting helps, carries \`retry-after\` (seconds) and \`retry-after-ms\`.
- In a stream that has begun the same object comes as the last event, without \`[DONE]\` after it. OpenAI's clients throw it.
- Two headers name the request in every answer: \`x-request-id\` and \`request-id\`. Quote it when you ask for help.`;

/** Markdown of docs/reference/errors.md. */
export function errorsReference(): string {
  const text = readFileSync(new URL("../src/faults.ts", import.meta.url), "utf8");
  const lines: string[] = [];
  for (const line of text.slice(text.indexOf("export const FAULTS"), text.indexOf("} as const satisfies")).split("\n")) {
    const heading = /^ {2}\/\/ (.+)$/.exec(line)?.[1];
    if (heading !== undefined) lines.push(`\n## ${heading.charAt(0).toUpperCase()}${heading.slice(1)}\n`, ...HEAD);
    const name = /^ {2}(\w+):/.exec(line)?.[1];
    if (name !== undefined && isFault(name)) lines.push(row(name, FAULTS[name]));
  }
  return `${[INTRO, ...lines].join("\n")}\n`;
}

const HEAD = ["| status | code | type | fault | retry | text | what to do |", "|---|---|---|---|---|---|---|"];

function isFault(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

function row(name: FaultName, { status, code, type, shouldRetry, text }: FaultKind): string {
  const retry = shouldRetry === undefined ? "–" : shouldRetry ? "yes" : "no";
  const cells = [String(status), code === null ? "null" : `\`${code}\``, `\`${type}\``, `\`${name}\``, retry, text, ADVICE[name]];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
