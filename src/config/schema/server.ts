/** Settings of the process, how routing weighs, where other cells are. */
import { z } from "zod";
import { BOUNDS } from "../../bounds.ts";
import { baseUrl, cidr, country, idText, label, listenAddress, secret } from "./scalars.ts";

const listener = z.strictObject({
  address: listenAddress.describe("host:port to listen on; port 0 takes a free one."),
  msp: idText.optional().describe("MSP that this port answers for, whatever the Host header says."),
});

const admin = z.strictObject({
  address: listenAddress.default("127.0.0.1:9090").describe("host:port of the admin API and of /metrics. Keep it off public networks."),
  key: secret.optional().describe("Secret of the admin API. Without it the admin API is off."),
});

const millisecondsUpTo = (max: number) => z.number().int().min(1).max(max).default(max);

const deadlines = z.strictObject({
  first_byte_ms: millisecondsUpTo(BOUNDS.firstByteMsMax).describe(
    "From sending a request to the engine's status line. Streams only: an answer in one piece is silent until it is whole, and has the total.",
  ),
  between_bytes_ms: millisecondsUpTo(BOUNDS.betweenBytesMsMax).describe("Silence of an engine that has begun to answer."),
  total_ms: millisecondsUpTo(BOUNDS.totalMsMax).describe("One answer as a whole, however steadily it comes."),
});

export const server = z.strictObject({
  listen: z
    .array(z.union([listenAddress, listener]))
    .min(1)
    .max(64)
    .default(["127.0.0.1:8080"])
    .describe("Where callers are answered: host:port, or {address, msp}. A change needs a restart."),
  admin: admin.prefault({}).describe("Where operators administer and scrape metrics."),
  trusted_proxies: z.array(cidr).max(1_000).default([]).describe("Address ranges of proxies whose forwarded headers are believed."),
  data_dir: z.string().min(1).default(".bailiwick").describe("Folder of journal and database, relative to the working directory."),
  fsync: z.boolean().default(false).describe("Wait for the disk on every journal write: survives power loss, not only kill -9; slower."),
  log_level: z.enum(["silent", "error", "warn", "info", "debug"]).default("info").describe("Least level that is logged."),
  deadlines: deadlines.prefault({}).describe("How long engines may take, in milliseconds. A change needs a restart."),
});

const factor = z.number().min(0).max(1_000);

const weights = z.strictObject({
  queue: factor.default(1).describe("Requests waiting in the engine."),
  in_flight: factor.default(1).describe("Requests sent and not ended."),
  kv_use: factor.default(0.5).describe("Share of the engine's KV cache in use."),
  latency: factor.default(0.5).describe("Time to the first byte."),
  price: factor.default(0.5).describe("What the operator asks for this request's tokens (`wholesale_price`)."),
  weight: factor.default(1).describe("The backend's own weight."),
});

export const routing = z.strictObject({
  name: label.default("default").describe("Name shown in explanations."),
  weights: weights.prefault({}).describe("How much each signal counts, 0 to 1000."),
  picker: z.enum(["power-of-two", "best", "weighted-random"]).default("power-of-two").describe("How one is picked among the scored."),
});

export const cells = z
  .array(
    z.strictObject({
      country: country.describe("Country of the cell, ISO 3166-1 alpha-2."),
      base_url: baseUrl.describe("Base URL that a caller is pointed to, without /v1."),
    }),
  )
  .max(1_000)
  .default([])
  .describe("Other cells of this service, for callers that this cell may not handle.");
