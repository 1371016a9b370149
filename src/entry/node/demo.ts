/** `bailiwick serve` without a configuration: a simulated fleet, four tenants, and things to paste. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { demoBanner, demoJson } from "../../cli/demo.ts";
import { startDemoFleet } from "../../simulator/demo-fleet.ts";
import { nodeClock } from "./clock.ts";
import { NodeRandom } from "./random.ts";
import { serve, type Serving } from "./serve.ts";

const FOLDER = ".bailiwick";
const HOST = "127.0.0.1";
const PORTS = { kontor: 8080, relais: 8081, admin: 9090 } as const;

/** Starts engines and gateway, writes .bailiwick/demo.json for machines, demo.yaml to be read, and prints the rest for people. */
export async function startDemo(): Promise<Serving> {
  const folder = resolve(FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const addresses = { kontor: await address(PORTS.kontor), relais: await address(PORTS.relais), admin: await address(PORTS.admin) };
  const fleet = await startDemoFleet({ clock: nodeClock, random: new NodeRandom(), addresses, dataDir: join(folder, "demo") });
  const configuration = join(FOLDER, "demo.yaml");
  writeFileSync(configuration, fleet.yaml, { mode: 0o600 });
  const serving = await serve({ file: configuration, text: () => fleet.yaml, env: fleet.env }, { follow: false });
  const [kontor, relais, admin] = [`http://${addresses.kontor}`, `http://${addresses.relais}`, `http://${addresses.admin}`];
  const json = demoJson(fleet, { kontor, relais, admin }, configuration);
  writeFileSync(join(folder, "demo.json"), `${JSON.stringify(json, null, 2)}\n`, { mode: 0o600 });
  process.stdout.write(demoBanner(json));
  return {
    ...serving,
    async stop() {
      const clean = await serving.stop();
      await fleet.stop();
      return clean;
    },
  };
}

/** The usual port, or a free one where somebody has it already. */
async function address(preferred: number): Promise<string> {
  return `${HOST}:${String((await tryPort(preferred)) ?? (await tryPort(0)) ?? preferred)}`;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolvePort) => {
    const server = createServer();
    server.once("error", () => resolvePort(undefined));
    server.listen(port, HOST, () => {
      const bound = server.address();
      server.close(() => resolvePort(typeof bound === "object" && bound !== null ? bound.port : undefined));
    });
  });
}
