/** #24: messages that two readers could cut differently. Each gets 400 and the end of its connection; what stands behind it is never a request. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, errorOf, raw, request } from "../edge/support/raw.ts";
import { KEYS } from "./support/estate.ts";
import { chat, JSON_TYPE, Siege } from "./support/siege.ts";

let siege: Siege;
beforeAll(async () => void (siege = await Siege.lay()), 40_000);
afterAll(() => siege.lift());

const BODY = String(chat().body);
const LENGTH = Buffer.byteLength(BODY);
const HEX = LENGTH.toString(16);
const HEAD = `POST /v1/chat/completions HTTP/1.1\r\nhost: alpha.test\r\n${bearer(KEYS.alpha)}\r\n${JSON_TYPE}\r\n`;
const SIZED = `content-length: ${LENGTH}\r\n`;
const CHUNKED = "transfer-encoding: chunked\r\n";
/** What an attacker wants to be taken for a request of its own. */
const HIDDEN = `GET /v1/models HTTP/1.1\r\nhost: alpha.test\r\n${bearer(KEYS.alpha)}\r\nconnection: close\r\n\r\n`;
const inChunks = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;

async function refused(bytes: string): Promise<void> {
  const before = siege.home.asked.length;
  const answer = await siege.send(bytes + HIDDEN);
  expect(answer.bytes.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400"]);
  expect(errorOf(answer)).toMatchObject({ type: "invalid_request_error" });
  expect([answer.headers["connection"], answer.headers["x-request-id"]]).toEqual(["close", expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(siege.home.asked.length).toBe(before);
}

describe("#24 a length", () => {
  it.each([
    ["beside chunks", `${SIZED}${CHUNKED}\r\n${inChunks(BODY)}`],
    ["behind chunks", `${CHUNKED}${SIZED}\r\n${inChunks(BODY)}`],
    ["given twice", `${SIZED}${SIZED}\r\n${BODY}`],
    ["given twice, unequal", `${SIZED}content-length: 0\r\n\r\n${BODY}`],
    ["given as a list", `content-length: ${LENGTH}, ${LENGTH}\r\n\r\n${BODY}`],
    ["with a sign", `content-length: +${LENGTH}\r\n\r\n${BODY}`],
    ["below nothing", `content-length: -1\r\n\r\n${BODY}`],
    ["in hex", `content-length: 0x${HEX}\r\n\r\n${BODY}`],
    ["with a space inside", `content-length: 1 2\r\n\r\n${BODY}`],
    ["that is empty", `content-length: \r\n\r\n${BODY}`],
    ["that no number holds", `content-length: 99999999999999999999999\r\n\r\n${BODY}`],
  ])("%s", (_, rest) => refused(HEAD + rest));
});

describe("#24 a transfer-encoding", () => {
  it.each([
    ["identity", "transfer-encoding: identity\r\n"],
    ["chunked, identity", "transfer-encoding: chunked, identity\r\n"],
    ["identity, chunked", "transfer-encoding: identity, chunked\r\n"],
    ["gzip, chunked", "transfer-encoding: gzip, chunked\r\n"],
    ["chunked, chunked", "transfer-encoding: chunked, chunked\r\n"],
    ["given twice", `${CHUNKED}transfer-encoding: identity\r\n`],
    ["given twice, equal", `${CHUNKED}${CHUNKED}`],
    ["xchunked", "transfer-encoding: xchunked\r\n"],
    ["behind a vertical tab", "transfer-encoding: \x0bchunked\r\n"],
    ["in quotes", 'transfer-encoding: "chunked"\r\n'],
    ["empty", "transfer-encoding: \r\n"],
    ["with a space before the colon", "transfer-encoding : chunked\r\n"],
    ["with a tab before the colon", "transfer-encoding\t: chunked\r\n"],
    ["folded", "transfer-encoding:\r\n chunked\r\n"],
  ])("%s", (_, coding) => refused(`${HEAD}${coding}\r\n${inChunks(BODY)}`));

  it("of HTTP/1.0, which has none, is no frame: nothing behind it is served", async () => {
    const before = siege.home.asked.length;
    const { bytes } = await siege.send(`${HEAD.replace("1.1", "1.0")}${CHUNKED}\r\n${inChunks(BODY)}${HIDDEN}`);
    expect([bytes.includes(" 200 "), siege.home.asked.length]).toEqual([false, before]);
  });
});

describe("#24 a line", () => {
  const rest = `${SIZED}\r\n${BODY}`;
  it.each([
    ["ended by a line feed alone", `${HEAD}x-a: 1\nx-b: 2\r\n${rest}`],
    ["ended by a carriage return alone", `${HEAD}x-a: 1\rx-b: 2\r\n${rest}`],
    ["folded", `${HEAD}x-a: 1\r\n b\r\n${rest}`],
    ["folded before the first header", `POST /v1/chat/completions HTTP/1.1\r\n x: y\r\nhost: alpha.test\r\n${rest}`],
    ["with NUL in its value", `${HEAD}x-a: 1\0b\r\n${rest}`],
    ["with NUL in its name", `${HEAD}x\0a: 1\r\n${rest}`],
    ["with a control character", `${HEAD}x-a: 1\x01b\r\n${rest}`],
    ["without a name", `${HEAD}: 1\r\n${rest}`],
    ["without a colon", `${HEAD}x-a\r\n${rest}`],
    ["with a space in its name", `${HEAD}x a: 1\r\n${rest}`],
    ["all ended by line feeds", `${HEAD}${SIZED}\r\n`.replaceAll("\r\n", "\n") + BODY],
    ["and a blank line that is a line feed alone", `${HEAD}${SIZED}\n${BODY}`],
  ])("%s", (_, bytes) => refused(bytes));
});

describe("#24 a chunk", () => {
  it.each([
    ["size above every number", `1000000000000000${HEX}\r\n${BODY}\r\n0\r\n\r\n`],
    ["size with 0x", `0x${HEX}\r\n${BODY}\r\n0\r\n\r\n`],
    ["size with a sign", `-${HEX}\r\n${BODY}\r\n0\r\n\r\n`],
    ["size behind a space", ` ${HEX}\r\n${BODY}\r\n0\r\n\r\n`],
    ["size before a space", `${HEX} \r\n${BODY}\r\n0\r\n\r\n`],
    ["size ended by a line feed alone", `${HEX}\n${BODY}\r\n0\r\n\r\n`],
    ["ended by a line feed alone", `${HEX}\r\n${BODY}\n0\r\n\r\n`],
    ["longer than it says", `${HEX}\r\n${BODY}xx\r\n0\r\n\r\n`],
    ["last, ended by line feeds alone", `${HEX}\r\n${BODY}\r\n0\n\n`],
    ["extension with a line feed", `${HEX};a\n=b\r\n${BODY}\r\n0\r\n\r\n`],
    ["extension with a carriage return", `${HEX};a\rb\r\n${BODY}\r\n0\r\n\r\n`],
    ["extension of 20 kB", `${HEX};${"a".repeat(20_000)}\r\n${BODY}\r\n0\r\n\r\n`],
    ["trailer that frames the body anew", `${HEX}\r\n${BODY}\r\n0\r\ncontent-length: 5\r\n\r\n`],
  ])("%s", (_, chunks) => refused(`${HEAD}${CHUNKED}\r\n${chunks}`));

  it("extension, and zeros before the size, change nothing", async () => {
    for (const size of [`${HEX};a=b`, HEX.padStart(20, "0")]) {
      const { bytes } = await siege.send(`${HEAD}${CHUNKED}\r\n${size}\r\n${BODY}\r\n0\r\n\r\n${HIDDEN}`);
      expect(bytes.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200"]);
      expect(siege.home.asked.at(-1)?.body).toContain('"content":"hi"');
    }
  });

  it("trailer is read by nobody", async () => {
    const chunks = `${HEX}\r\n${BODY}\r\n0\r\nauthorization: Bearer ${KEYS.beta}\r\nx-evil: 1\r\n\r\n`;
    const { bytes } = await siege.send(`${HEAD}${CHUNKED}connection: close\r\n\r\n${chunks}`);
    expect(bytes).toMatch(/^HTTP\/1\.1 200 /);
    expect(JSON.stringify(siege.home.asked.at(-1)?.headers)).not.toMatch(/x-evil|beta/);
  });
});

describe("#24 a protocol that is none of ours", () => {
  it.each([
    ["HTTP/0.9", "GET /v1/models\r\n\r\n"],
    ["HTTP/2.0 by name", HIDDEN.replace("1.1", "2.0")],
    ["HTTP/1.2", HIDDEN.replace("1.1", "1.2")],
    ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["a method of 30 kB", `${"A".repeat(30_000)} / HTTP/1.1\r\n\r\n`],
    ["a fragment in the target", HIDDEN.replace("models", "models#x")],
  ])("%s", async (_, bytes) => {
    const answer = await siege.send(bytes);
    expect([answer.status, answer.headers["connection"]]).toEqual([400, "close"]);
  });
});

describe("#24 requests one behind the other", () => {
  const keepAlive = (sent: Buffer): Buffer => Buffer.from(sent.toString("latin1").replace("connection: close\r\n", ""), "latin1");
  const GET = { method: "GET", path: "/v1/models", host: "alpha.test", headers: [bearer(KEYS.alpha)] };

  it("are answered in their order, each by its own answer", async () => {
    const slow = keepAlive(request(chat({ say: "first" })));
    const answer = await raw({ port: siege.port, pieces: [Buffer.concat([slow, keepAlive(request(GET)), request(GET)])] });
    const bodies = answer.bytes.split(/HTTP\/1\.1 200 OK/).slice(1);
    expect(bodies.map((text) => /"object":"([a-z.]+)"/.exec(text)?.[1])).toEqual(["chat.completion", "list", "list"]);
  });

  it("end with the first that is none: no answer of ours can be taken for that of the request before it", async () => {
    siege.home.script = (response) => void setTimeout(() => response.end(), 5_000);
    const answer = await raw({
      port: siege.port,
      pieces: [Buffer.concat([keepAlive(request(chat())), Buffer.from("\x01\x02 garbage\r\n\r\n")])],
    });
    siege.heal();
    expect(answer.bytes).toBe("");
    expect(await siege.holdsOpen()).toBe(0);
  });

  it("by the thousand, with nobody reading, cost no memory to speak of", async () => {
    const many = Buffer.concat(Array.from({ length: 20_000 }, () => keepAlive(request({ ...GET, headers: [] }))));
    const before = siege.gateway.rssBytes ?? 0;
    const answer = await raw({ port: siege.port, pieces: [many, request(GET)] });
    expect(answer.bytes.match(/HTTP\/1\.1 /g)?.length).toBe(20_001);
    expect((siege.gateway.rssBytes ?? 0) - before).toBeLessThan(150 * 1024 * 1024);
  });
});
