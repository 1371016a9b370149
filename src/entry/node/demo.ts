import type { Serving } from "./serve.ts";
export async function startDemo(_then: (s: Serving) => void): Promise<void> { throw new Error("demo"); }
