/** Writes what is derived from the sources and kept in the repository; a test fails when it is stale. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { jsonSchema } from "../src/config/json-schema.ts";
import { referenceText } from "../src/config/reference.ts";
import { boundsReference } from "./bounds-reference.ts";
import { errorsReference } from "./errors-reference.ts";

const folder = new URL("../docs/reference/", import.meta.url);
const schema = jsonSchema();
const style = await resolveConfig(fileURLToPath(folder));
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("bailiwick.schema.json", folder), await format(JSON.stringify(schema), { ...style, parser: "json" }));
writeFileSync(new URL("configuration.md", folder), referenceText(schema));
writeFileSync(new URL("errors.md", folder), errorsReference());
writeFileSync(new URL("bounds.md", folder), boundsReference());
