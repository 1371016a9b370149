/** The file format as JSON Schema, for editors that complete and check as one types. */
import { z } from "zod";
import { fileFormat } from "./schema/file.ts";

/** JSON Schema (draft 2020-12) of what people write, before defaults are filled in. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(fileFormat, { io: "input" });
  return { $schema, title: "bailiwick.yaml", description: "Configuration of a Bailiwick gateway.", ...rest };
}
