/** What the platform's own module has, as far as it is used here. */
declare module "cloudflare:workers" {
  export abstract class DurableObject<State, Env> {
    protected readonly ctx: State;
    protected readonly env: Env;
    constructor(ctx: State, env: Env);
  }
  /** Keeps the running request alive until this has ended, also when its caller has left. */
  export function waitUntil(work: Promise<unknown>): void;
}
