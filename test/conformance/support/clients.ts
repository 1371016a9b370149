/** Every client that is tried, as data: how its script runs, and the checks that the script must report, each of them. */

/** What a script needs: npm's packages in clients/node_modules, or one of two Python environments. */
export type Runtime = "npm" | "python" | "python-previous";

export interface Client {
  readonly runtime: Runtime;
  /** In clients/. */
  readonly script: string;
  readonly args: readonly string[];
  readonly checks: readonly string[];
}

const ERRORS = ["error-400", "error-401", "error-403", "error-404", "error-429-quota"] as const;
const RESPONSES = ["responses", "responses-stream", "responses-tools", "responses-structured"] as const;
const HARDSHIP = ["retry-503", "stream-error", "abort"] as const;

const openaiNode = [
  ...["chat", "chat-stream", "stream-no-usage-unasked", "stream-helper", "n", "stop-and-length", "logprobs"],
  ...["tools-auto", "tools-required", "tools-named", "tools-round-trip", "structured", "structured-stream", "json-object"],
  ...["embeddings", "embeddings-of-token-ids", "completions", "models", "usage-and-costs", ...RESPONSES, "responses-error"],
  ...[...ERRORS, "error-404-model", "error-404-route", "error-502", "error-503"],
  ...[...HARDSHIP, "retry-after-429", "timeout", "raw-headers", "20-at-once"],
];

const openaiPython = [
  ...["chat", "chat-stream", "stream-no-usage-unasked", "stream-helper", "stop-and-length", "logprobs"],
  ...[
    "tools-auto",
    "tools-required",
    "tools-named",
    "structured",
    "embeddings",
    "embeddings-of-token-ids",
    "completions",
    "models",
    ...RESPONSES,
  ],
  ...[...ERRORS, "error-400-too-long", "error-404-route", "error-502", "error-503"],
  ...[...HARDSHIP, "retry-after-429", "timeout", "raw-headers", "20-at-once"],
];

const aiSdk = [
  ...["chat", "chat-stream", "length", "tools", "tools-stream", "tools-round-trip", "structured", "structured-stream", "embeddings"],
  ...[...ERRORS, "error-502", ...HARDSHIP, "retry-after-429", "10-at-once"],
];

const langchain = [
  ...["chat", "chat-stream", "batch", "tools", "tools-stream", "tools-round-trip", "embeddings", "responses"],
  ...[...ERRORS, "error-503", ...HARDSHIP],
];

export const CLIENTS = {
  "openai-node": { runtime: "npm", script: "openai-node.mjs", args: ["openai"], checks: openaiNode },
  "openai-node-previous": { runtime: "npm", script: "openai-node.mjs", args: ["openai-6"], checks: openaiNode },
  "openai-python": { runtime: "python", script: "openai-python.py", args: [], checks: openaiPython },
  "openai-python-previous": { runtime: "python-previous", script: "openai-python.py", args: [], checks: openaiPython },
  "ai-sdk-openai": { runtime: "npm", script: "ai-sdk.mjs", args: ["openai"], checks: [...aiSdk, ...RESPONSES, "responses-round-trip"] },
  "ai-sdk-compatible": { runtime: "npm", script: "ai-sdk.mjs", args: ["openai-compatible"], checks: aiSdk },
  "langchain-js": {
    runtime: "npm",
    script: "langchain.mjs",
    args: [],
    checks: [
      ...langchain,
      "structured-jsonSchema",
      "structured-functionCalling",
      "structured-jsonMode",
      "error-context-length",
      "retry-429",
    ],
  },
  "langchain-python": {
    runtime: "python",
    script: "langchain.py",
    args: [],
    checks: [...langchain, "structured-json_schema", "structured-function_calling", "embeddings-of-token-ids", "retry-after-429"],
  },
  "llama-index": {
    runtime: "python-previous",
    script: "llama-index.py",
    args: [],
    checks: [
      ...["chat", "chat-stream", "complete", "completions", "tools", "tools-stream", "tools-call"],
      ...["structured-json-schema", "structured-function-calling", "embeddings"],
      ...[...ERRORS, "error-503", ...HARDSHIP, "retry-after-429"],
    ],
  },
  "llm-cli": {
    runtime: "python",
    script: "llm-cli.py",
    args: [],
    checks: [
      ...["chat", "chat-stream", "usage", "conversation", "options", "structured", "tools"],
      ...["error-401", "error-403", "error-404", "error-429-quota", ...HARDSHIP, "retry-after-429"],
    ],
  },
} as const satisfies Readonly<Record<string, Client>>;

export type ClientName = keyof typeof CLIENTS;

export function isClientName(name: string): name is ClientName {
  return Object.hasOwn(CLIENTS, name);
}

export const CLIENT_NAMES: readonly ClientName[] = Object.keys(CLIENTS).filter(isClientName);
