import { describe, expect, it, onTestFinished } from "vitest";
import { projectId } from "../../../src/domain/ids.ts";
import { openDatabase } from "../../../src/storage/database.ts";
import { findTwoHomes } from "../../../src/storage/directory-homes.ts";
import { DirectoryReads } from "../../../src/storage/directory-reads.ts";
import { migrate } from "../../../src/storage/schema.ts";
import { project, tenant } from "../../../src/storage/tables.ts";
import { DECLARED } from "../../contract/directory.ts";
import { temporaryFolder } from "./fixtures/world.ts";

function open(): DirectoryReads {
  const database = openDatabase(temporaryFolder());
  onTestFinished(() => {
    database.close();
  });
  migrate(database);
  const reads = new DirectoryReads(database);
  reads.declared = DECLARED;
  reads.database.insert(tenant).values({ id: "t2", msp: "m1", name: "T2", defaultClass: "secret", limits: null, createdAtMs: 1 }).run();
  reads.database.insert(project).values({ id: "p2", tenant: "t2", name: "P2", limits: null, createdAtMs: 1 }).run();
  return reads;
}

describe("reading the directory", () => {
  it("finds what stands above a project in either home", () => {
    const reads = open();
    expect(reads.above("p1")).toMatchObject({ msp: { id: "m1" }, tenant: { id: "t1" }, project: { id: "p1" } });
    expect(reads.above("p2")).toMatchObject({ msp: { id: "m1" }, tenant: { id: "t2" }, project: { id: "p2" } });
    expect(reads.above("p3")).toBeUndefined();
    reads.declared = { ...DECLARED, msps: new Map() };
    expect(reads.above("p2")).toBeUndefined();
  });

  it("names each thing that has two homes, among any number of declared ones", () => {
    const { database } = open();
    expect(findTwoHomes(database, DECLARED)).toEqual([]);
    const [p1] = DECLARED.projects.values();
    if (p1 === undefined) throw new Error("nothing declared");
    const many = Array.from({ length: 1_500 }, (_, n) => [projectId(`q${n}`), { ...p1, id: projectId(`q${n}`) }] as const);
    const projects = new Map([...many, [projectId("p2"), { ...p1, id: projectId("p2") }] as const]);
    expect(findTwoHomes(database, { ...DECLARED, projects })).toEqual([expect.stringContaining('project "p2"')]);
  });
});
