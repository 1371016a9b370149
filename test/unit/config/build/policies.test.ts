import { describe, expect, it } from "vitest";
import { declared, SOUND, spoiled } from "../sample.ts";

describe("policy sources", () => {
  it("gives whole documents as they are, with their lines in this file", () => {
    const text = `${SOUND}policies:\n  - level: tenant\n    subject: clinic\n    document:\n      kind: Policy\n      rules:\n        - id: A\n          require: { x: 1 }\n`;
    const [source] = declared(text).policies;
    expect(source).toMatchObject({
      level: "tenant",
      subject: "clinic",
      document: { kind: "Policy", rules: [{ id: "A", require: { x: 1 } }] },
    });
    const first = SOUND.split("\n").length;
    expect(source?.where(["rules", 0, "require", "x"])).toBe(`b.yaml:${first + 7}`);
    expect(source?.where(["metadata", "id"])).toBe(`b.yaml:${first + 3}`);
  });

  it("makes documents of rules alone, for every level", () => {
    const rules = "policy: [{ id: R }]";
    const text = `${spoiled("parents: [DE] }", `parents: [DE], ${rules} }`)
      .replace("    hosts:", `    ${rules}\n    hosts:`)
      .replace("clinic: {}", `clinic: { ${rules} }`)
      .replace(
        "research: {}",
        `research: { ${rules} }`,
      )}keys: { k: { hash: "sha256:${"0".repeat(64)}", ${rules} } }\n${rules}\nuses: { sets: "1" }\n`;
    const { policies } = declared(text);
    expect(policies.map(({ level, subject }) => [level, subject])).toEqual([
      ["platform", ""],
      ["operator", "acme"],
      ["msp", "shop"],
      ["tenant", "clinic"],
      ["project", "research"],
      ["key", "k"],
    ]);
    expect(policies[3]?.document).toEqual({
      apiVersion: "sovereignty/v1",
      kind: "Policy",
      metadata: { id: "tenant-clinic", level: "tenant", version: 1 },
      uses: { sets: "1" },
      rules: [{ id: "R" }],
    });
    const line = (piece: string): number => text.split("\n").findIndex((each) => each.includes(piece)) + 1;
    expect(policies[3]?.where(["rules", 0, "id"])).toBe(`b.yaml:${line("clinic:")}`);
    expect(policies[3]?.where(["uses", "sets"])).toBe(`b.yaml:${line("uses:")}`);
    expect(policies[3]?.where(["metadata"])).toBe(`b.yaml:${line("clinic:")}`);
  });
});
