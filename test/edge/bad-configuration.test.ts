/** Configurations that must not start, through the command itself: exit code 1, and every line that is wrong, at once. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { estateYaml } from "./support/estate.ts";
import { bailiwick } from "./support/gateway-process.ts";

const RUN_MS_MAX = 30_000;
const folder = mkdtempSync(join(tmpdir(), "bailiwick-check-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const url = "http://127.0.0.1:9";
const declared = estateYaml({ urls: { vllm: url, triton: url, embedding: url }, dataDir: "data" }).replace(/, key: \{ env: \w+ \}/, "");
/** With a site about which nothing is known: sound as long as nothing stands there. */
const sound = declared.replace("sites:", "sites:\n  site-blank: { operator: op-obscura }");

/** A text in the sound file, what stands there instead, and what the finding names. */
type Mistake = readonly [what: string, from: string, to: string, named: RegExp];

function spoil(text: string, [what, from, to]: Mistake): string {
  if (!text.includes(from)) throw new Error(`the configuration has no place for ${what}`);
  return text.replace(from, to);
}

function check(name: string, text: string): ReturnType<typeof bailiwick> {
  writeFileSync(join(folder, name), text);
  return bailiwick(["check", name], folder);
}

const MISTAKES: readonly Mistake[] = [
  ["an unknown field", "log_level: silent", "log_levle: silent", /log_level/],
  ["a wrong type", "context_tokens_max: 8192", "context_tokens_max: many", /context_tokens_max/],
  ["a secret in the file", 'key-once: { hash: "sha256:', 'key-once: { hash: "sk-', /hash/],
  ["money as a number", 'budget_per_month: "0"', "budget_per_month: 0", /budget_per_month/],
  ["a dangling reference", "rack-emb: { site: site-obscura", "rack-emb: { site: site-nowhere", /site-nowhere/],
  ["a backend without facts", "rack-vee: { site: site-obscura", "rack-vee: { site: site-blank", /location\.country/],
  ["two MSPs on one host", "hosts: [bravo.test]", "hosts: [alpine.test]", /alpine\.test/],
];

describe("bailiwick check", () => {
  it("passes what is sound", { timeout: RUN_MS_MAX }, async () => {
    expect(await check("sound.yaml", sound)).toMatchObject({ code: 0 });
  });

  it.each<readonly [string, readonly Mistake[]]>([
    ["fields and what they refer to", MISTAKES],
    ["an id given twice", [["an id given twice", "  key-bravo:", "  key-alpine:", /key-alpine|twice|unique/]]],
    [
      "a law about a country that is none",
      [["a country that is none", "{ in: [FR] } } }] }\nprojects", "{ in: [XQ] } } }] }\nprojects", /XQ/]],
    ],
  ])("names every mistake with its line: %s", { timeout: RUN_MS_MAX }, async (name, mistakes) => {
    const text = mistakes.reduce(spoil, sound);
    const { code, output } = await check(`${name.replaceAll(" ", "-")}.yaml`, text);
    expect(code).toBe(1);
    for (const [what, , to, named] of mistakes) {
      const line = text.slice(0, text.lastIndexOf(to)).split("\n").length;
      const finding = output.split("\n").filter((found) => found.includes(`.yaml:${line}:`));
      expect([what, finding.join("\n")]).toEqual([what, expect.stringMatching(named)]);
    }
    expect(output).not.toMatch(/\bat .*\.ts:\d+/);
  });

  it("a file that is not there", { timeout: RUN_MS_MAX }, async () => {
    const { code, output } = await bailiwick(["check", "nowhere.yaml"], folder);
    expect([code, output]).toEqual([1, expect.stringContaining("nowhere.yaml")]);
  });
});
