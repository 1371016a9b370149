/** JSON Schemas of every answer, made once for each version of OpenAI's client from the types that it publishes. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";

const here = import.meta.dirname;
const root = join(here, "described.d.ts");
const { version } = JSON.parse(readFileSync(join(here, "node_modules", "openai", "package.json"), "utf8"));
const stamp = createHash("sha256")
  .update(readFileSync(root))
  .update(readFileSync(import.meta.filename))
  .update(version)
  .digest("hex")
  .slice(0, 12);
const kept = join(here, "node_modules", ".cache", `openai-${version}-${stamp}.json`);

/** One schema with a property for each kind; objects take no member that they do not name. */
export async function description() {
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8"));
  const { createGenerator } = await import("ts-json-schema-generator");
  const options = { path: root, type: "Described", tsconfig: join(here, "described.tsconfig.json"), skipTypeCheck: true, topRef: false };
  const schema = discriminated(createGenerator(options).createSchema("Described"));
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(`${kept}.${process.pid}`, JSON.stringify(schema));
  renameSync(`${kept}.${process.pid}`, kept);
  return schema;
}

/** Every choice between objects that say by `type` what they are, made by that: else each that does not fit would be reported. */
function discriminated(schema) {
  const resolve = (branch) =>
    branch.$ref === undefined ? branch : schema.definitions[decodeURIComponent(branch.$ref.slice("#/definitions/".length))];
  const tagOf = (branch) => {
    const { properties, anyOf } = resolve(branch) ?? {};
    return anyOf === undefined ? properties?.type?.const : undefined;
  };
  const chosen = (branches) => {
    const tags = [...new Set(branches.map(tagOf).filter((tag) => tag !== undefined))];
    if (tags.length < 2) return undefined;
    const untagged = branches.filter((branch) => tagOf(branch) === undefined);
    const named = { type: "object", properties: { type: { enum: tags } }, required: ["type"] };
    return tags.reduceRight(
      (otherwise, tag) => ({
        if: { type: "object", properties: { type: { const: tag } }, required: ["type"] },
        then: oneOf(branches.filter((branch) => tagOf(branch) === tag)),
        else: otherwise,
      }),
      untagged.length === 0 ? named : oneOf(untagged),
    );
  };
  const walked = (node) => {
    if (Array.isArray(node)) return node.map(walked);
    if (typeof node !== "object" || node === null) return node;
    const { anyOf, ...rest } = node;
    const members = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, walked(value)]));
    if (anyOf === undefined) return members;
    return { ...members, ...(chosen(anyOf) ?? { anyOf: walked(anyOf) }) };
  };
  return walked(schema);
}

function oneOf(branches) {
  return branches.length === 1 ? branches[0] : { anyOf: branches };
}
