/** Cloudflare Workers' way in: the same app as on Node, over D1 and one Durable Object for each MSP. */
import type { Bindings } from "./worker/bindings.ts";
import { Cell } from "./worker/cell.ts";

export { MspGate } from "./worker/object.ts";

/** One for each isolate. */
let cell: Cell | undefined;

export default {
  fetch(request: Request, bindings: Bindings): Promise<Response> {
    return (cell ??= new Cell(bindings)).answer(request);
  },
};
