import { execFileSync } from "node:child_process";
import { stripTypeScriptTypes } from "node:module";
import { describe, expect, it } from "vitest";
import { demoBanner, demoJson } from "../../../src/cli/demo.ts";
import { DEMO_TENANTS } from "../../../src/simulator/demo-tenants.ts";

const fleet = {
  yaml: "",
  env: {},
  adminKey: "sk-admin-1",
  tenants: DEMO_TENANTS.map((tenant, index) => ({ tenant, key: `sk-${index}` })),
  simulators: new Map(),
  stop: () => Promise.resolve(),
};
const json = demoJson(
  fleet,
  { kontor: "http://127.0.0.1:1", relais: "http://127.0.0.1:2", admin: "http://127.0.0.1:3" },
  "folder/demo.yaml",
);

describe("demoJson", () => {
  it("gives each tenant its base URL, key, models and a refused request", () => {
    expect(json).toMatchObject({ baseUrl: "http://127.0.0.1:1/v1", adminUrl: "http://127.0.0.1:3", adminKey: "sk-admin-1" });
    expect(json.tenants.map(({ id, key, baseUrl, models }) => [id, key, baseUrl, models[0]])).toEqual([
      ["klinikum", "sk-0", "http://127.0.0.1:1/v1", "kontor-chat"],
      ["papillon", "sk-1", "http://127.0.0.1:1/v1", "kontor-chat"],
      ["ministere", "sk-2", "http://127.0.0.1:2/v1", "relais-chat"],
      ["flandre", "sk-3", "http://127.0.0.1:2/v1", "relais-chat"],
    ]);
    expect(json.tenants[3]?.refused).toMatchObject({
      model: "relais-large",
      headers: { "Sovereignty-Require": "class=confidential" },
      status: 403,
      code: "SOV_NO_ADMISSIBLE",
    });
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });
});

describe("demoBanner", () => {
  const banner = demoBanner(json);

  it("shows where it listens, and every key, once each where it belongs", () => {
    for (const { key, baseUrl, law, name } of json.tenants) expect(banner).toContain(`${name}: ${law}\n    ${baseUrl}   ${key}\n`);
    expect(banner).toContain("http://127.0.0.1:3   sk-admin-1");
    expect(banner).toContain("\n    folder/demo.yaml\n");
    expect(banner.split("\n").every((line) => line === line.trimEnd())).toBe(true);
  });

  it("has curl lines that a shell reads as meant", () => {
    const lines = banner.match(/^curl (?:.*\\\n)+.*/gm) ?? [];
    expect(lines).toHaveLength(2);
    const args = lines.map((line) =>
      execFileSync("sh", ["-c", `curl() { printf '%s\\n' "$@"; }\n${line}`])
        .toString()
        .split("\n"),
    );
    expect(args[0]?.slice(0, 3)).toEqual(["http://127.0.0.1:1/v1/chat/completions", "-H", "Authorization: Bearer sk-0"]);
    expect(args.map((one) => JSON.parse(one[6] ?? "").model)).toEqual(["kontor-chat", "kontor-large"]);
  });

  it("has JavaScript that parses", () => {
    const code = /\/\/ openai-node[\s\S]*?(?=\n\n#)/.exec(banner)?.[0] ?? "";
    expect(code).toContain('apiKey: "sk-0"');
    expect(() => stripTypeScriptTypes(code)).not.toThrow();
  });
});
