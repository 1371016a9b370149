/** What may be used once only: hosts, key hashes, listening ports. */
import { normalHash } from "../hash.ts";
import { parseAddress } from "../address.ts";
import type { Address } from "../address.ts";
import type { Report } from "../finding.ts";
import { select, valueAt } from "../path.ts";
import type { Path } from "../path.ts";
import type { Tree } from "../tree.ts";

/** Reports everything that two entries both claim. */
export function checkUniqueness(tree: Tree, report: Report): void {
  checkHosts(tree, report);
  checkHashes(tree, report);
  checkPorts(tree, report);
}

function checkHosts(tree: Tree, report: Report): void {
  const owners = new Map<string, string>();
  for (const { path, value } of select(tree.value, ["msps", "*", "hosts", "*"])) {
    if (typeof value !== "string") continue;
    const msp = String(path[1]);
    const owner = owners.get(value.toLowerCase());
    if (owner === undefined) owners.set(value.toLowerCase(), msp);
    else
      report.add(
        tree.finding(
          path,
          owner === msp ? `host "${value}" is listed twice` : `host "${value}" belongs to MSP "${owner}" already`,
          "a host names one MSP",
        ),
      );
  }
  const bound = new Set(select(tree.value, ["server", "listen", "*", "msp"]).map((hit) => hit.value));
  for (const { path, value } of select(tree.value, ["msps", "*"])) {
    const hosts = valueAt(value, ["hosts"]);
    const none = hosts === undefined || (Array.isArray(hosts) && hosts.length === 0);
    if (none && !bound.has(path[1]))
      report.add(
        tree.finding(
          [...path, "hosts"],
          "no host and no listening address leads to this MSP",
          "add a host, or name the MSP in server.listen",
        ),
      );
  }
}

function checkHashes(tree: Tree, report: Report): void {
  const owners = new Map<string, string>();
  for (const { path, value } of select(tree.value, ["keys", "*", "hash"])) {
    const hash = typeof value === "string" ? normalHash(value) : undefined;
    if (hash === undefined) continue;
    const owner = owners.get(hash);
    if (owner === undefined) owners.set(hash, String(path[1]));
    else report.add(tree.finding(path, `key "${owner}" has the same hash`, "each key has a secret of its own"));
  }
}

interface Port {
  readonly path: Path;
  readonly address: Address;
}

function checkPorts(tree: Tree, report: Report): void {
  const ports: Port[] = [];
  for (const { path, value } of listeners(tree)) {
    const address = typeof value === "string" ? parseAddress(value) : undefined;
    if (address === undefined) continue;
    const taken = ports.find((port) => collide(port.address, address));
    if (taken !== undefined)
      report.add(tree.finding(path, `port ${address.port} is taken by ${tree.where(taken.path)}`, "choose another port"));
    ports.push({ path, address });
  }
}

function listeners(tree: Tree): readonly { readonly path: Path; readonly value: unknown }[] {
  const listen = select(tree.value, ["server", "listen", "*"]).map(({ path, value }) =>
    typeof value === "string" ? { path, value } : { path: [...path, "address"], value: valueAt(value, ["address"]) },
  );
  const admin = { path: ["server", "admin", "address"], value: valueAt(tree.value, ["server", "admin", "address"]) ?? "127.0.0.1:9090" };
  const defaulted =
    valueAt(tree.value, ["server", "listen"]) === undefined ? [{ path: ["server", "listen"], value: "127.0.0.1:8080" }] : listen;
  return [...defaulted, admin];
}

const EVERYWHERE = new Set(["0.0.0.0", "::"]);
const LOOPBACK = new Set(["127.0.0.1", "localhost", "::1"]);

function collide(a: Address, b: Address): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  return (
    a.host === b.host ||
    EVERYWHERE.has(a.host) ||
    EVERYWHERE.has(b.host) ||
    (LOOPBACK.has(a.host) && LOOPBACK.has(b.host) && (a.host === "localhost" || b.host === "localhost"))
  );
}
