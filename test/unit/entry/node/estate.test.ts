import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { buildEstate, compileEstate, fileSource, readDeclared, type ConfigSource } from "../../../../src/entry/node/estate.ts";
import { tenantId } from "../../../../src/domain/ids.ts";
import { SOUND, spoiled } from "../../config/sample.ts";

const source = (text: () => string): ConfigSource => ({ file: "b.yaml", text, env: {} });
const AT = { epoch: 3, nowMs: 1_780_000_000_000 };

function declared() {
  const read = readDeclared(source(() => SOUND));
  if (!read.ok) throw new Error(read.problems.join("\n"));
  return read.declared;
}

const problems = (built: { readonly ok: boolean; readonly problems?: readonly string[] }): readonly string[] => built.problems ?? [];

describe("an estate", () => {
  it("is what the file declares, compiled, with every host", () => {
    const built = buildEstate(
      source(() => SOUND),
      AT.epoch,
      AT.nowMs,
    );
    if (!built.ok) throw new Error(built.problems.join("\n"));
    const { estate } = built;
    expect(estate.bundle.epoch).toBe(3);
    expect([...estate.hosts.values()]).toEqual([...estate.declared.msps.values()].flatMap((msp) => msp.hosts.map(() => msp)));
    expect(estate.hosts.size).toBeGreaterThan(0);
  });

  it("is not made of a file with mistakes: each of them is named, with its place", () => {
    const built = buildEstate(
      source(() => spoiled("engine: vllm", "engine: vlm, wieght: 1")),
      1,
      AT.nowMs,
    );
    expect(problems(built)).toHaveLength(2);
    for (const problem of problems(built)) expect(problem).toMatch(/^b\.yaml:9:\d+: /);
  });

  it("is not made of law that does not compile", () => {
    const text = `${SOUND}policy: [{ id: A, require: { backend.location.cuntry: { in: [DE] } } }]\n`;
    expect(
      problems(
        buildEstate(
          source(() => text),
          1,
          AT.nowMs,
        ),
      ).join("\n"),
    ).toContain("cuntry");
  });

  it("is not made of a file that cannot be read", () => {
    const gone = source(() => {
      throw new Error("no such file");
    });
    expect(problems(readDeclared(gone))).toEqual(["b.yaml: cannot be read: no such file"]);
  });

  it("comes from a file on disk, read anew each time", () => {
    const folder = mkdtempSync(join(tmpdir(), "bailiwick-estate-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "b.yaml");
    const fromDisk = fileSource(file);
    expect(readDeclared(fromDisk).ok).toBe(false);
    writeFileSync(file, SOUND);
    expect(readDeclared(fromDisk).ok).toBe(true);
  });

  it("judges the directory's policies together with the file's", () => {
    const clinic = [...declared().tenants.values()][0];
    if (clinic === undefined) throw new Error("the sample has no tenant");
    const kept = { ...clinic, id: tenantId("kept") };
    const document = { rules: [{ id: "K", require: { "backend.location.country": { in: ["DE"] } } }] };
    const policy = { level: "tenant" as const, subject: "kept", document, where: () => "tenant kept" };
    const both = compileEstate(declared(), { tenants: new Map([[kept.id, kept]]), policies: [policy] }, AT);
    expect(both.ok).toBe(true);
    const alone = compileEstate(declared(), { tenants: new Map(), policies: [policy] }, AT);
    expect(problems(alone).join("\n")).toContain("tenant kept");
  });
});
