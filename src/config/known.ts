/** Which fields the format knows at a place: what "did you mean" chooses from. */
import { z } from "zod";
import type { Path } from "./path.ts";

/** Names of the fields that `schema` allows at `path`; empty where names are free. */
export function fieldsAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  let here = unwrapped(schema);
  for (const step of path) here = here.flatMap((one) => inside(one, step)).flatMap(unwrapped);
  return [...new Set(here.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : [])))];
}

/** The schemas behind defaults, optionals and unions. */
function unwrapped(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrapped(schema.def.innerType);
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap((option) => unwrapped(option));
  return [schema];
}

function inside(schema: z.core.$ZodType, step: string | number): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodArray) return [schema.def.element];
  if (schema instanceof z.ZodRecord) return [schema.def.valueType];
  if (!(schema instanceof z.ZodObject)) return [];
  const member: unknown = schema.shape[step];
  return member instanceof z.ZodType ? [member] : [];
}
