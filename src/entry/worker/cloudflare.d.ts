/** What the platform's own module has, as far as it is used here. */
declare module "cloudflare:workers" {
  export abstract class DurableObject<Env> {
    protected readonly ctx: import("./bindings.ts").ObjectState;
    protected readonly env: Env;
    constructor(ctx: import("./bindings.ts").ObjectState, env: Env);
  }
  /** Keeps the running request alive until this has ended, also when its caller has left. */
  export function waitUntil(work: Promise<unknown>): void;
}
