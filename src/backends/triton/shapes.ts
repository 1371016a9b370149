/** What has been seen of the models of all Tritons: found by asking, forgotten when a model goes. */
import { BOUNDS } from "../../bounds.ts";
import type { Backend, ServedModel } from "../../domain/fleet.ts";
import type { Ask } from "../../ports.ts";
import { type ModelShape, shapeOf, usualShape } from "./shape.ts";

const OK = 200;

export class Shapes {
  /** By endpoint and name, so that a reload of the configuration forgets nothing. The oldest goes first when there are too many. */
  readonly #seen = new Map<string, ModelShape>();

  /** What came of both sight and declaration: the same object as long as both are the same, so that a call is worked out once. */
  readonly #joined = new WeakMap<ServedModel, { readonly seen: ModelShape | undefined; readonly shape: ModelShape | undefined }>();

  /** undefined: not looked at yet, or of no kind that can be served. */
  of(backend: Backend, served: ServedModel): ModelShape | undefined {
    const seen = this.#seen.get(keyOf(backend, served.servedName));
    const known = this.#joined.get(served);
    if (known !== undefined && known.seen === seen) return known.shape;
    const shape = seen === undefined ? usualShape(served.triton) : declaredShape(seen, served);
    this.#joined.set(served, { seen, shape });
    return shape;
  }

  /** Looks at a model that is ready, unless it has been seen. @returns whether it can be served */
  async look(backend: Backend, served: ServedModel, ask: Ask): Promise<boolean> {
    const key = keyOf(backend, served.servedName);
    if (!this.#seen.has(key)) {
      const { status, body } = await ask("GET", `/v2/models/${served.servedName}/config`);
      const shape = status === OK ? shapeOf(body) : undefined;
      // A configuration that says something else is no reason to believe the declaration.
      if (status === OK && shape === undefined) return false;
      if (shape !== undefined) this.#keep(key, shape);
    }
    return this.of(backend, served) !== undefined;
  }

  /** The model has gone; when it comes back it may be another. */
  forget(backend: Backend, servedName: string): void {
    this.#seen.delete(keyOf(backend, servedName));
  }

  #keep(key: string, shape: ModelShape): void {
    this.#seen.set(key, shape);
    if (this.#seen.size <= BOUNDS.tritonShapesMax) return;
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest);
      return;
    }
  }
}

function keyOf({ baseUrl }: Backend, servedName: string): string {
  return `${baseUrl} ${servedName}`;
}

/** undefined: a model that is not what it is declared to be is not to be sold as that. */
function declaredShape(seen: ModelShape, { triton }: ServedModel): ModelShape | undefined {
  if ((triton?.kind ?? seen.kind) !== seen.kind) return undefined;
  if (seen.kind === "embedding" || triton?.accumulates === undefined || triton.accumulates === seen.accumulates) return seen;
  return { ...seen, accumulates: triton.accumulates };
}
