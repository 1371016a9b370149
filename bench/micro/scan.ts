/** How long a request body takes to be understood: large, non-ASCII, and small. Run: node bench/micro/scan.ts */
import { isUtf8 } from "node:buffer";
import { modelId } from "../../src/domain/ids.ts";
import type { Alias } from "../../src/domain/tenancy.ts";
import { scan } from "../../src/openai/json-scan.ts";
import { readCall } from "../../src/openai/read-call.ts";
import { editMembers, jsonString } from "../../src/openai/splice.ts";
import { report } from "./report.ts";

const alias: Alias = {
  name: "m",
  model: modelId("m"),
  ownedBy: "bench",
  price: { inputMicroPerMillion: 1, cachedInputMicroPerMillion: 1, outputMicroPerMillion: 1 },
  createdAtS: 0,
};

function chat(messages: readonly { role: string; content: string }[]): Buffer {
  return Buffer.from(
    JSON.stringify({ model: "m", messages, temperature: 0.7, max_tokens: 256, stream: true, stream_options: { include_usage: true } }),
  );
}

const prose = "Grüße aus der schönen Stadt, wo die Straßen naß sind und keiner es bemerkt, weil alle lesen. ".repeat(2200);
const bodies: Readonly<Record<string, Buffer>> = {
  "200 kB, one message, non-ASCII": chat([{ role: "user", content: prose }]),
  "200 kB, code with quotes and newlines": chat([{ role: "user", content: 'const x = "a_b";\n\tlog("\\n", x);\n'.repeat(4600) }]),
  "200 kB, 1000 messages": chat(Array.from({ length: 1000 }, () => ({ role: "user", content: prose.slice(0, 170) }))),
  "200 kB, nothing but escaped quotes": chat([{ role: "user", content: '"'.repeat(100_000) }]),
  "300 B": chat([{ role: "user", content: "hello world, how are you today? ".repeat(5) }]),
};

for (const [name, body] of Object.entries(bodies)) {
  report(`scan      ${name} (${body.length} B)`, () => scan(body, { isUtf8 }));
  report(`readCall  ${name}`, () => readCall("chat", body, () => alias, { isUtf8 }));
}
const small = bodies["300 B"] ?? Buffer.alloc(0);
const call = readCall("chat", small, () => alias, { isUtf8 });
report("editMembers 300 B, model", () => editMembers(call, new Map([["model", jsonString("served-name")]])));
report("JSON.parse 300 B, for comparison", () => JSON.parse(small.toString()));
