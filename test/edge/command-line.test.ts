/** The commands as a person types them: what is wrong is said in a sentence, with exit code 1 and no stack. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { bailiwick } from "./support/gateway-process.ts";

const RUN_MS_MAX = 30_000;
const folder = mkdtempSync(join(tmpdir(), "bailiwick-commands-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "here.yaml"), "mine");

it.each<readonly [string, readonly string[], RegExp]>([
  [
    "init onto a file that is there",
    ["init", "--backend", "http://127.0.0.1:9", "--out", "here.yaml"],
    /^here\.yaml exists already: .*--force/,
  ],
  ["a key too many", ["keys", "revoke", "key_1", "key_2"], /^There is an argument too many: key_2\./],
  ["a file too many", ["check", "here.yaml", "there.yaml"], /^There is an argument too many: there\.yaml\./],
  ["an argument where there is none", ["serve", "here.yaml"], /^There is an argument too many: here\.yaml\./],
  ["an option that there is not", ["tenants", "list", "--admn=http://127.0.0.1:9"], /^There is no option --admn here\./],
])("%s", { timeout: RUN_MS_MAX }, async (_, args, said) => {
  const { code, output } = await bailiwick(args, folder);
  expect([code, output]).toEqual([1, expect.stringMatching(said)]);
  expect(output).not.toMatch(/\bat .*\.(ts|js|mjs):\d+/);
  expect(readFileSync(join(folder, "here.yaml"), "utf8")).toBe("mine");
});
