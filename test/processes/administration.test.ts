/** What operators and callers see of several processes: one gateway. */
import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorOf } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { Several } from "./support/several.ts";

let several: Several;
beforeAll(async () => {
  several = await Several.make();
  await several.start(3);
}, 90_000);
afterAll(() => several.remove(), 60_000);

const GERMANY = [{ id: "T-1", require: { "backend.location.country": { in: ["DE"] } } }];
const FRANCE = [{ id: "T-2", require: { "backend.location.country": { in: ["FR"] } } }];

/** Enough connections to meet every process. */
const MANY = 12;

async function statuses(key: string): Promise<readonly number[]> {
  const all = await Promise.all(Array.from({ length: MANY }, async () => (await several.chat(2, { key })).status));
  return [...new Set(all)];
}

describe("administration", () => {
  let key = "";
  let id = "";

  it("makes a tenant whose key works at every process at once", async () => {
    const tenant = { id: "clinic", msp: "acme", name: "Clinic", default_class: "public", policy: GERMANY };
    expect((await several.admin("POST", "/admin/tenants", tenant)).status).toBe(200);
    expect((await several.admin("POST", "/admin/projects", { id: "ward", tenant: "clinic", name: "Ward" })).status).toBe(200);
    const made = JSON.parse((await several.admin("POST", "/admin/keys", { project: "ward", name: "k" })).text);
    [key, id] = [String(made.value), String(made.id)];
    expect(await statuses(key)).toEqual([200]);
  });

  it("changes the law everywhere before it says so", async () => {
    expect((await several.admin("PUT", "/admin/tenants/clinic/policy", { policy: FRANCE })).status).toBe(200);
    expect(await statuses(key)).toEqual([403]);
    expect((await several.admin("PUT", "/admin/tenants/clinic/policy", { policy: GERMANY })).status).toBe(200);
    expect(await statuses(key)).toEqual([200]);
  });

  it("sets a limit that holds at once, over what was used without one", async () => {
    expect((await several.admin("PUT", "/admin/projects/ward/limits", { requests_per_minute: 5 })).status).toBe(200);
    const all = await Promise.all(Array.from({ length: 20 }, async () => (await several.chat(2, { key })).status));
    expect(all.filter((status) => status === 200)).toHaveLength(5);
    expect((await several.admin("PUT", "/admin/projects/ward/limits", {})).status).toBe(200);
    expect(await statuses(key)).toEqual([200]);
  });

  it("revokes a key everywhere before it says so", async () => {
    expect((await several.admin("DELETE", `/admin/keys/${id}`)).status).toBe(200);
    expect(await statuses(key)).toEqual([401]);
  });

  it("takes a changed file at every process", async () => {
    several.configure("{ requests_per_minute: 0 }");
    several.signal("SIGHUP");
    await until("it has been taken", () => several.logged.includes("configuration taken"), 10_000);
    await until("it holds everywhere", async () =>
      (await Promise.all(Array.from({ length: MANY }, () => several.chat()))).every(({ status }) => status === 429),
    );
    several.configure("{}");
    several.signal("SIGHUP");
    await until("it is open again", async () =>
      (await Promise.all(Array.from({ length: MANY }, () => several.chat()))).every(({ status }) => status === 200),
    );
  });
});

describe("one page of metrics", () => {
  it("adds up all processes, and says whether a backend is up, not how often", async () => {
    const count = async (): Promise<number> => {
      const { text } = await several.admin("GET", "/metrics");
      const lines = text
        .split("\n")
        .filter((line) => line.startsWith("gateway_requests_total") && line.includes('status="200"') && line.includes("chat"));
      return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    };
    const before = await count();
    for (let at = 0; at < MANY; at += 1) await several.chat();
    expect(await count()).toBe(before + MANY);
    expect((await several.admin("GET", "/metrics")).text).toContain('gateway_backend_up{backend="b"} 1\n');
  });

  it("does not go backwards when a process dies", async () => {
    const total = async (): Promise<number> =>
      Number(/^gateway_backend_requests_total\S* (\d+)/m.exec((await several.admin("GET", "/metrics")).text)?.[1]);
    const before = await total();
    const [pid = 0] = several.members;
    process.kill(pid, "SIGKILL");
    await until("another serves", () => several.members.length === 3 && !several.members.includes(pid), 20_000);
    expect(await total()).toBe(before);
  }, 30_000);
});

describe("usage", () => {
  it("shows a caller what any process has settled, this very moment's included", async () => {
    const usage = async (): Promise<number> => {
      const path = `/v1/organization/usage/completions?start_time=${String(Math.floor(Date.now() / 1_000) - 86_400)}&bucket_width=1d`;
      const { body, status } = await several.ask({ method: "GET", path });
      expect(status).toBe(200);
      return [...body.matchAll(/"num_model_requests":(\d+)/g)].reduce((sum, [, each]) => sum + Number(each), 0);
    };
    const before = await usage();
    await Promise.all(Array.from({ length: MANY }, () => several.chat()));
    expect(await usage()).toBe(before + MANY);
  });
});

describe("an Idempotency-Key", () => {
  it("is carried out once, whichever process meets it", async () => {
    const headers = ["idempotency-key: order-1"];
    const all = await Promise.all(Array.from({ length: MANY }, () => several.chat(20, { headers })));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(all.filter((answer) => errorOf(answer)?.["code"] === "idempotency_completed")).toHaveLength(MANY - 1);
    const other = await several.chat(21, { headers });
    expect(errorOf(other)?.["code"]).toBe("idempotency_key_reused");
  });
});

describe("what cannot be started", () => {
  const bailiwick = (...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, "..", "..", "src", "entry", "node.ts"), "serve", ...args], {
      encoding: "utf8",
      timeout: 30_000,
      env: { ...process.env, TEST_ADMIN_KEY: "x" },
    });

  it.each(["0", "65", "two", "1.5", ""])("is --processes %j", (count) => {
    const { status, stderr } = bailiwick("--config", several.file, "--processes", count);
    expect(status).toBe(1);
    expect(stderr).toContain("--processes is a whole number from 1 to 64");
  });

  it("is a second gateway over the same folder", () => {
    const { status, stderr } = bailiwick("--config", several.file, "--processes", "2");
    expect(status).toBe(1);
    expect(stderr).toContain("in use by another gateway");
  });

  it("is a gateway whose port somebody has", async () => {
    const somebody = createServer();
    await new Promise<void>((resolve) => somebody.listen(0, "127.0.0.1", resolve));
    const address = somebody.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const other = await Several.make();
    other.listenAt(port);
    await expect(other.start(2)).rejects.toThrow("EADDRINUSE");
    somebody.close();
    await other.remove();
  }, 40_000);
});
