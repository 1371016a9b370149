/** #11, #12, #14, #15, #20: whatever a caller asks for or an engine does, nothing of a request reaches a place that its owner's rules exclude. */
import { createServer, type Server } from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bailiwick } from "../edge/support/gateway-process.ts";
import { errorOf } from "../edge/support/raw.ts";
import { chunk, failing, paced, type Script } from "./support/engine.ts";
import { KEYS } from "./support/estate.ts";
import { chat, Siege } from "./support/siege.ts";

let siege: Siege;
/** Where an engine would like the gateway to go. */
let trap: Server;
let trapped = 0;

beforeAll(async () => {
  siege = await Siege.lay();
  trap = createServer((_, response) => void response.end("{}"));
  trap.on("connection", () => (trapped += 1));
  await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
}, 40_000);
afterAll(async () => {
  await siege.lift();
  trap.close();
});
afterEach(() => siege.heal());

const sentAbroad = (): number => siege.away.asked.length + siege.lapsed.asked.length;
const REFUSED = { status: 403, code: expect.stringMatching(/^SOV_(NO_ADMISSIBLE|SELF)$/) };

describe("#11 with engines that are all abroad", () => {
  it.each([
    ["whole", {}],
    ["streamed", { stream: true }],
    ["with a wish", { metadata: { region: "US" }, provider: { order: ["US"] } }],
  ])("a request %s is refused, and not a byte goes there", async (_, more) => {
    await siege.says(chat({ model: "away", more }), REFUSED);
    expect(sentAbroad()).toBe(0);
  });

  it("no header widens the law, and one that narrows it is heard", async () => {
    const lies = ["x-region: US", "sovereignty-override: true", "x-sovereignty-require: country=(US)"];
    await siege.says(chat({ model: "away", headers: lies }), REFUSED);
    await siege.says(chat({ headers: ["sovereignty-require: country=(FR)"] }), REFUSED);
    await siege.says(chat({ headers: ["sovereignty-require: country=(US)"] }), REFUSED);
    expect((await siege.ask(chat({ headers: ["sovereignty-require: country=(DE)"] }))).status).toBe(200);
    expect(sentAbroad()).toBe(0);
  });
});

describe("#12 with the engine at home broken, and a healthy one abroad", () => {
  const FAULTS: readonly (readonly [string, Script])[] = [
    ["500", failing(500, "{}")],
    ["429", failing(429, "{}")],
    ["503", failing(503, "{}")],
    ["a reset", (response) => void response.destroy()],
    ["an empty answer", (response) => void response.end()],
    ["a stream that breaks", paced([chunk({ content: "x" }), "data: {not json\n\n"])],
  ];

  it.each(FAULTS)("%s is a failure, and no fallback", async (_, script) => {
    siege.home.script = script;
    for (const more of [{}, { stream: true }]) {
      const answer = await siege.ask(chat({ more }));
      expect(answer.status === 200 ? answer.body.includes('"error"') : answer.status >= 500).toBe(true);
    }
    expect(sentAbroad()).toBe(0);
    await siege.recover();
  });
});

describe("#14 rules that do not overlap", () => {
  it("deny: the reseller's say Europe, the tenant's America", async () => {
    for (const model of ["chat", "away", "lapsed"]) {
      const answer = await siege.ask(chat({ model, key: KEYS.lawless }));
      expect([answer.status, String(errorOf(answer)?.["code"])]).toEqual([403, expect.stringMatching(/^SOV_/)]);
    }
    expect(sentAbroad()).toBe(0);
  });
});

describe("#15 a place that is not vouched for", () => {
  it("any more, is none", async () => {
    await siege.says(chat({ model: "lapsed" }), REFUSED);
    expect(siege.lapsed.asked).toEqual([]);
  });

  it("at all, does not even load", async () => {
    const file = join(siege.folder, "placeless.yaml");
    writeFileSync(
      file,
      readFileSync(siege.file, "utf8").replace("site-home: { operator: op-home, country: DE }", "site-home: { operator: op-home }"),
    );
    const { code, output } = await bailiwick(["check", file], siege.folder);
    expect([code, output]).toEqual([1, expect.stringContaining("unknown denies")]);
  });
});

describe("#20 an engine that sends the gateway elsewhere", () => {
  it.each([301, 302, 303, 307, 308])("by %i is not followed", async (status) => {
    const address = trap.address();
    const port = typeof address === "object" ? address?.port : undefined;
    siege.home.script = (response) => void response.writeHead(status, { location: `http://127.0.0.1:${port}/v1/chat/completions` }).end();
    const { status: told, bytes } = await siege.ask(chat());
    expect([told, bytes.includes("127.0.0.1"), trapped]).toEqual([502, false, 0]);
    await siege.recover();
  });

  it("by other headers is not heard", async () => {
    const address = trap.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    siege.home.script = (response, asked) => {
      response.setHeader("alt-svc", `h2="${url}"`).setHeader("refresh", `0; url=${url}`).setHeader("link", `<${url}>; rel=preconnect`);
      siege.home.script = () => undefined;
      response.writeHead(200, { "content-type": "application/json", "content-location": url });
      response.end(JSON.stringify({ object: "chat.completion", choices: [{ message: { content: asked.path } }] }));
    };
    expect((await siege.ask(chat())).status).toBe(200);
    expect(trapped).toBe(0);
  });
});
