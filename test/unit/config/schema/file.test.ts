import { describe, expect, it } from "vitest";
import { jsonSchema } from "../../../../src/config/json-schema.ts";
import { isRecord } from "../../../../src/config/path.ts";

/** Every object of the schema, with the path that leads to it. */
function objects(schema: unknown, path: string): readonly { readonly path: string; readonly schema: Readonly<Record<string, unknown>> }[] {
  if (Array.isArray(schema)) return schema.flatMap((each, index) => objects(each, `${path}/${index}`));
  if (!isRecord(schema)) return [];
  const here = isRecord(schema["properties"]) ? [{ path, schema }] : [];
  return [...here, ...Object.entries(schema).flatMap(([name, inner]) => objects(inner, `${path}/${name}`))];
}

describe("the file format", () => {
  const all = objects(jsonSchema(), "");

  it("describes every field", () => {
    const silent = all.flatMap(({ path, schema }) => {
      const fields = isRecord(schema["properties"]) ? Object.entries(schema["properties"]) : [];
      return fields
        .filter(([, field]) => !isRecord(field) || typeof field["description"] !== "string" || field["description"].length < 8)
        .map(([name]) => `${path}/${name}`);
    });
    expect(silent).toEqual([]);
    expect(all.length).toBeGreaterThan(20);
  });

  it("refuses unknown fields everywhere", () => {
    expect(all.filter(({ schema }) => schema["additionalProperties"] !== false).map(({ path }) => path)).toEqual([]);
  });
});
