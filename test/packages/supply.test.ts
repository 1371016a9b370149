/** What ships: every package of production under a licence that permits it, and in the bill of materials with its hash. */
import { expect, describe, it } from "vitest";
import { forbidden, permits } from "../../scripts/licenses.ts";
import { installedTree, productionTree, readLock, readManifest, type Lock } from "../../scripts/production-tree.ts";
import { billOfMaterials } from "../../scripts/sbom.ts";

const lock = readLock();
const planted = (entry: Lock["packages"][string]): Lock => ({ ...lock, packages: { ...lock.packages, "node_modules/planted": entry } });

describe("licences", () => {
  it("permit every package of production", () => {
    expect(productionTree(lock).length).toBeGreaterThan(20);
    expect(forbidden(lock)).toEqual([]);
  });

  it.each([
    "GPL-3.0-only",
    "AGPL-3.0-or-later",
    "LGPL-2.1",
    "SEE LICENSE IN LICENSE",
    "UNLICENSED",
    "BUSL-1.1",
    "MIT AND GPL-2.0-only",
    "(MIT",
  ])("do not permit a package under %s, wherever it lies", (license) => {
    expect(forbidden(planted({ version: "1.0.0", license }))).toEqual([`planted 1.0.0 has a licence that is not on the list: ${license}`]);
    const nested = { ...lock, packages: { ...lock.packages, "node_modules/hono/node_modules/@a/b": { version: "2.0.0", license } } };
    expect(forbidden(nested)).toEqual([`@a/b 2.0.0 has a licence that is not on the list: ${license}`]);
  });

  it("do not permit a package that names none", () => {
    expect(forbidden(planted({ version: "1.0.0" }))).toEqual(["planted 1.0.0 names no licence"]);
  });

  it("do not ask for what only development needs", () => {
    expect(forbidden(planted({ version: "1.0.0", license: "GPL-3.0-only", dev: true }))).toEqual([]);
  });

  it("are read as SPDX means them", () => {
    expect(
      ["MIT OR GPL-3.0", "GPL-3.0 OR MIT", "(MIT AND ISC)", "MIT AND (GPL-2.0 OR ISC)", "(MIT OR Apache-2.0) AND ISC"].filter(
        (each) => !permits(each),
      ),
    ).toEqual([]);
    expect(["", "MIT OR", "GPL-2.0 OR MIT AND GPL-3.0", "MIT)", "MIT ISC", "Apache-2.0 WITH LLVM-exception", "()"].filter(permits)).toEqual(
      [],
    );
  });
});

describe("the bill of materials", () => {
  const bill = billOfMaterials(lock);

  it("has every package of production once, with its licence and its hash", () => {
    const wanted = new Map(productionTree(lock).map((each) => [`${each.name}@${each.version ?? ""}`, each]));
    expect(bill.components.map(({ name, version }) => `${name}@${version}`).toSorted()).toEqual([...wanted.keys()].toSorted());
    for (const { name, version, hashes, licenses } of bill.components) {
      const { integrity = "", license } = wanted.get(`${name}@${version}`) ?? {};
      expect(hashes, name).toEqual([{ alg: "SHA-512", content: Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex") }]);
      expect(JSON.stringify(licenses), name).toContain(license);
    }
  });

  it("has what npm installs beside the bundle", () => {
    const names = new Set(bill.components.map(({ name }) => name));
    expect(installedTree(lock, readManifest()).filter(({ name }) => !names.has(name))).toEqual([]);
  });

  it("names the gateway, and what depends on what", () => {
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { name: "bailiwick", version: readManifest().version } } });
    const refs = new Set(bill.components.map((each) => each["bom-ref"]));
    expect(bill.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([]);
  });

  it("is the same whenever it is made", () => {
    expect(billOfMaterials(lock)).toEqual(bill);
    expect(JSON.stringify(bill)).not.toMatch(/"timestamp"/);
  });
});
