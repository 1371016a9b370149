/** Paths into plain data: how findings name a place, and how checks reach every place of one kind whatever else is wrong around it. */

export type Path = readonly (string | number)[];

export interface Hit {
  readonly path: Path;
  readonly value: unknown;
}

const PLAIN_NAME = /^[A-Za-z_][\w-]*$/;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text of a path as people write it: `msps.acme.hosts[1]`, `models["llama-3.1"]`. */
export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!PLAIN_NAME.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** The value at a path; undefined when any step is absent. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (Array.isArray(here)) here = typeof step === "number" ? here[step] : undefined;
    else if (isRecord(here) && Object.hasOwn(here, step)) here = here[step];
    else return undefined;
  }
  return here;
}

/** Every present value that a pattern reaches; "*" stands for any member or element. */
export function select(value: unknown, pattern: readonly string[]): readonly Hit[] {
  let hits: Hit[] = [{ path: [], value }];
  for (const step of pattern) hits = hits.flatMap((hit) => (step === "*" ? children(hit) : child(hit, step)));
  return hits;
}

function child(hit: Hit, step: string): Hit[] {
  const value = valueAt(hit.value, [step]);
  return value === undefined ? [] : [{ path: [...hit.path, step], value }];
}

function children({ path, value }: Hit): Hit[] {
  if (Array.isArray(value)) return value.map((element: unknown, index) => ({ path: [...path, index], value: element }));
  if (isRecord(value)) return Object.entries(value).map(([key, member]) => ({ path: [...path, key], value: member }));
  return [];
}
