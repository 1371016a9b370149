/** Engines behind TLS whose certificate is, or becomes, one that must not be trusted: no byte of a request goes there. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorOf, type RawAnswer } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { good } from "./support/answers.ts";
import { ask, textOf } from "./support/ask.ts";
import { issuer, serverCertificate, type ServerCertificate } from "./support/certificates.ts";
import { FaultyFleet } from "./support/fleet.ts";
import { Scripted } from "./support/scripted.ts";

const trusted = issuer("Trusted Authority");
const stranger = issuer("Another Authority");
const ADDRESS = "127.0.0.1";

const right = serverCertificate(trusted, { address: ADDRESS, days: 1 });
const WRONG: Readonly<Record<string, ServerCertificate>> = {
  expired: serverCertificate(trusted, { address: ADDRESS, days: -1 }),
  "not valid yet": serverCertificate(trusted, { address: ADDRESS, days: 10 }),
  "for another address": serverCertificate(trusted, { address: "127.0.0.2", days: 1 }),
  "of an issuer nobody trusts": serverCertificate(stranger, { address: ADDRESS, days: 1 }),
  "its own issuer": { key: stranger.key.export({ type: "pkcs8", format: "pem" }).toString(), cert: stranger.pem },
};

const names = Object.keys(WRONG);
const before = getCACertificates("default");
let fleet: FaultyFleet;
let fromTheStart: readonly Scripted[] = [];
let later: readonly Scripted[] = [];

const behindTls = (certificate: ServerCertificate): Promise<Scripted> =>
  Scripted.with({ scripts: [(turn) => turn.write(good(turn.body))], tls: certificate });

beforeAll(async () => {
  setDefaultCACertificates([...before, trusted.pem]);
  fromTheStart = await Promise.all(Object.values(WRONG).map(behindTls));
  later = await Promise.all(names.map(() => behindTls(right)));
  const places = names.flatMap((_, at) => [
    { model: `start-${at}`, urls: [fromTheStart[at]?.url ?? ""], spare: false },
    { model: `later-${at}`, urls: [later[at]?.url ?? ""], spare: false },
    { model: `spared-${at}`, urls: [later[at]?.url ?? ""], spare: true },
  ]);
  fleet = await FaultyFleet.start({ places });
});

afterAll(async () => {
  await fleet.stop();
  await Promise.all([...fromTheStart, ...later].map((server) => server.close()));
  fleet.remove();
  setDefaultCACertificates(before);
});

/** Two failed probes, and the gateway does not even try: on a busy machine they may come first. */
const NOBODY = ["502 engine_unreachable", "503 SOV_NO_ADMISSIBLE_HEALTHY"];

const unreachable = (answer: RawAnswer): void => {
  expect(NOBODY).toContain(`${String(answer.status)} ${String(errorOf(answer)?.["code"])}`);
  expect(answer.body).not.toMatch(/certificate|authority|127\.0\.0\.1/i);
};

describe.each(names.map((name, at) => ({ name, at })))("a certificate $name", ({ name, at }) => {
  it("is not trusted, and gets no request", async () => {
    unreachable(await ask({ port: fleet.port, model: `start-${at}` }));
    expect([fromTheStart[at]?.turns.length, fromTheStart[at]?.probes.length]).toEqual([0, 0]);
  });

  it("in the place of a good one is not trusted either, though sessions and connections were there", async () => {
    const server = later[at];
    for (let round = 0; round < 3; round += 1) expect((await ask({ port: fleet.port, model: `later-${at}` })).status).toBe(200);
    const turns = server?.turns.length ?? 0;
    server?.present(WRONG[name] ?? right);
    unreachable(await ask({ port: fleet.port, model: `later-${at}` }));
    expect(server?.turns.length).toBe(turns);
  });

  it("sends requests to where they may go instead", async () => {
    const answer = await ask({ port: fleet.port, model: `spared-${at}`, stream: true });
    expect([answer.status, textOf(answer)]).toEqual([200, "hello there"]);
  });
});

it("a certificate that was renewed is as good as the one before", async () => {
  const [server] = later;
  server?.present(serverCertificate(trusted, { address: ADDRESS, days: 2 }));
  await until("it is used again", async () => (await ask({ port: fleet.port, model: "later-0" })).status === 200, 6_000);
  expect(fleet.trespasses).toEqual([]);
});
