/** Ports that nobody uses, so that two benchmarks, or a gateway that runs already, do not meet. */
import { createServer, type Server } from "node:net";

export interface Ports {
  readonly mock: number;
  readonly nginx: number;
  readonly gateway: number;
  readonly admin: number;
}

/** All four are held at once before they are let go, so that they differ. */
export async function freePorts(): Promise<Ports> {
  const servers = await Promise.all([0, 1, 2, 3].map(() => listening()));
  const [mock, nginx, gateway, admin] = servers.map(portOf);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  if (mock === undefined || nginx === undefined || gateway === undefined || admin === undefined) throw new Error("no free ports");
  return { mock, nginx, gateway, admin };
}

function listening(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : undefined;
}
