/** The one frozen value that the file declares. Runs only when nothing was found wrong. */
import type { Declared, Settings } from "../../domain/estate.ts";
import { mspId } from "../../domain/ids.ts";
import { parseAddress } from "../address.ts";
import type { Address } from "../address.ts";
import type { Outside } from "../outside.ts";
import type { FileFormat } from "../schema/file.ts";
import { sha256 } from "../sha256.ts";
import type { Tree } from "../tree.ts";
import { buildExporter } from "./exporter.ts";
import { buildFleet } from "./fleet.ts";
import { buildPolicies } from "./policies.ts";
import { buildTenancy } from "./tenancy.ts";

export function buildDeclared(file: FileFormat, tree: Tree, outside: Outside): Declared {
  const { name, picker, weights } = file.routing;
  const { in_flight: inFlight, kv_use: kvUse, queue, latency, price, weight } = weights;
  return Object.freeze({
    settings: buildSettings(file, outside),
    ...buildFleet(file, outside),
    ...buildTenancy(file),
    policies: buildPolicies(file, tree, outside),
    routing: { name, picker, weights: { queue, inFlight, kvUse, latency, price, weight } },
    ...buildExporter(file, outside),
    cells: file.cells.map(({ country, base_url }) => ({ country, baseUrl: base_url.replace(/\/+$/, "") })),
  });
}

function buildSettings({ server }: FileFormat, outside: Outside): Settings {
  const secret = outside.texts.get("server.admin.key");
  return {
    listen: server.listen.map((entry) => {
      const { address, msp } = typeof entry === "string" ? { address: entry, msp: undefined } : entry;
      return { ...addressOf(address), msp: msp === undefined ? undefined : mspId(msp) };
    }),
    admin: { ...addressOf(server.admin.address), keyHash: secret === undefined ? undefined : sha256(secret) },
    trustedProxies: server.trusted_proxies,
    dataDir: server.data_dir,
    fsync: server.fsync,
    logLevel: server.log_level,
    deadlines: {
      firstByteMsMax: server.deadlines.first_byte_ms,
      betweenBytesMsMax: server.deadlines.between_bytes_ms,
      totalMsMax: server.deadlines.total_ms,
    },
  };
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`config: address ${text} passed the schema and cannot be read`);
  return address;
}
