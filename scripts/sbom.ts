/**
 * The bill of materials of a release, in CycloneDX: npm writes it from the lock, we keep what production has. Left to itself npm takes for
 * development what a development package depends on too, and names the folder instead of the package. Usage: node scripts/sbom.ts > FILE
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { npm } from "./npm.ts";
import { productionTree, readLock, type Lock } from "./production-tree.ts";

const component = z.looseObject({ "bom-ref": z.string(), name: z.string(), version: z.string() });
const bom = z.looseObject({
  metadata: z.looseObject({ component }),
  components: z.array(component),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});
export type Bom = z.infer<typeof bom>;

/** The same lock gives the same bytes: no time, no number by chance. @throws Error where npm fails */
export function billOfMaterials(lock: Lock = readLock()): Bom {
  const all = bom.parse(JSON.parse(npm(["sbom", "--package-lock-only", "--sbom-format", "cyclonedx"])));
  return trimmed(all, lock);
}

/** What of npm's bill production has. */
export function trimmed(all: Bom, lock: Lock): Bom {
  const { timestamp: _, ...metadata } = all.metadata;
  const root = { ...metadata.component, type: "application", name: lock.packages[""]?.["name"] ?? metadata.component.name };
  const wanted = new Set(productionTree(lock).map(({ name, version = "" }) => `${name}@${version}`));
  const components = all.components.filter(({ name, version }) => wanted.has(`${name}@${version}`));
  const refs = new Set([root["bom-ref"], ...components.map((each) => each["bom-ref"])]);
  const dependencies = all.dependencies.flatMap(({ ref, dependsOn }) =>
    refs.has(ref) ? [{ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }] : [],
  );
  return {
    ...all,
    serialNumber: serial(components),
    metadata: { ...metadata, component: bom.shape.components.element.parse(root) },
    components,
    dependencies,
  };
}

/** A UUID of version 8, whose content is up to us: it names what is listed. */
function serial(components: readonly unknown[]): string {
  const hex = createHash("sha256").update(JSON.stringify(components)).digest("hex");
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(billOfMaterials(), null, 2)}\n`);
