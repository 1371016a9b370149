import { describe, expect, it } from "vitest";
import { LoopbackServer } from "../../../src/simulator/loopback-server.ts";
import { proxyPage } from "../../../src/simulator/proxy-page.ts";
import type { Knobs } from "../../../src/simulator/faults.ts";
import { ask, closing, ManualClock } from "./support.ts";

async function started() {
  const clock = new ManualClock();
  const turned: Knobs[] = [];
  const application = {
    turned: (knobs: Knobs) => void turned.push(knobs),
    handle: ({
      method,
      path,
      query,
      body,
      answer,
    }: Parameters<ConstructorParameters<typeof LoopbackServer>[0]["application"]["handle"]>[0]) => {
      answer.head(200, ["transfer-encoding", "chunked"]);
      answer.end(`${method} ${path} ${query.get("q")} ${body.toString()}`);
    },
  };
  const server = closing(new LoopbackServer({ clock, application, keepAliveMs: 5_000 }));
  await server.start(0);
  return { server, clock, turned, control: `${server.origin}/simulator/faults` };
}

describe("LoopbackServer", () => {
  it("hands requests on as they are on the wire", async () => {
    const { server } = await started();
    expect((await ask(`${server.origin}/a%20b?q=1`, { method: "POST", body: "x" })).text).toBe("POST /a%20b 1 x");
    expect(server.seen).toMatchObject([{ method: "POST", path: "/a%20b", body: "x", bodyBytes: 1 }]);
  });

  it("turns knobs over its own port, replacing all, and shows them", async () => {
    const { server, turned, control } = await started();
    expect((await ask(control, { body: { gzip: true } })).text).toBe('{"gzip":true}');
    expect((await ask(control, { body: { html: 500 } })).text).toBe('{"html":500}');
    expect((await ask(control)).text).toBe('{"html":500}');
    expect([turned, server.requests]).toEqual([[{ gzip: true }, { html: 500 }], 0]);
  });

  it("refuses knobs that it does not know, and keeps what it has", async () => {
    const { server, control } = await started();
    server.faults.set({ gzip: true });
    const got = await ask(control, { body: { explode: true } });
    expect([got.status, got.text]).toEqual([400, expect.stringContaining("explode")]);
    expect((await ask(control, { method: "POST", body: "{" })).status).toBe(400);
    expect(server.faults.now).toEqual({ gzip: true });
  });

  it("closes its port on request, after the answer, and opens it again by itself", async () => {
    const { server, clock, control } = await started();
    expect((await ask(control, { body: { refuse: true, forMs: 1_000 } })).status).toBe(200);
    await expect.poll(() => server.faults.now).toEqual({ refuse: true, forMs: 1_000 });
    expect((await ask(server.origin)).ended).toBe("ECONNREFUSED");
    const { port } = server;
    clock.advance(1_000);
    await expect.poll(async () => (await ask(server.origin)).status).toBe(200);
    expect(server.port).toBe(port);
  });

  it("lets later knobs outlive the time of earlier ones", async () => {
    const { server, clock } = await started();
    server.faults.set({ gzip: true, forMs: 1_000 });
    server.faults.set({ html: 500 });
    clock.advance(5_000);
    expect(server.faults.now).toEqual({ html: 500 });
    server.faults.set({ html: 500, forMs: 1_000 });
    clock.advance(1_000);
    expect(server.faults.now).toEqual({});
  });

  it("forgets bodies that are too large to keep", async () => {
    const { server } = await started();
    await ask(server.origin, { method: "POST", body: "x".repeat(70_000) });
    expect(server.seen).toMatchObject([{ body: "", bodyBytes: 70_000 }]);
  });
});

it("a proxy's page has its status in it", () => {
  expect(proxyPage(502)).toContain("502 Bad Gateway");
  expect(proxyPage(200)).not.toContain("200");
});
