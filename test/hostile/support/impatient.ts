/** The gateway as `bailiwick serve` starts it, but with as little patience as a file beside its configuration says: tests cannot wait a minute. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { fileSource } from "../../../src/entry/node/estate.ts";
import { serve } from "../../../src/entry/node/serve.ts";

const { values } = parseArgs({ options: { config: { type: "string" } }, allowPositionals: true });
const file = values.config ?? "";
const patience = z.strictObject({
  headersReadMsMax: z.number(),
  bodyReadMsMax: z.number(),
  callerStallMsMax: z.number(),
  connectionsPerAddressMax: z.number(),
});
const serving = await serve(fileSource(file), {
  follow: false,
  patience: patience.parse(JSON.parse(readFileSync(join(dirname(file), "patience.json"), "utf8"))),
});
for (const { host, port } of serving.listening) process.stderr.write(`listening on http://${host}:${port}\n`);
process.stderr.write(`administration and metrics on http://${serving.admin.host}:${serving.admin.port}\n`);
process.on("SIGTERM", () => void serving.stop().then(() => process.exit(0)));
process.on("SIGHUP", () => serving.reload());
