/**
 * A prefix cache tells by its speed, and by its count of cached tokens, what others have sent before. So each tenant's prompts are cached
 * under a salt of its own, for engines that know salts: nobody can guess it, and nobody learns from it who the tenant is.
 */
import { LRUCache } from "lru-cache";
import { BOUNDS } from "../bounds.ts";
import type { TenantId } from "../domain/ids.ts";
import type { Hash } from "../world.ts";

export class CacheSalts {
  readonly #hash: Pick<Hash, "sha256">;
  readonly #secret: string;
  readonly #known = new LRUCache<TenantId, string>({ max: BOUNDS.tenantsInDirectoryMax });

  /** @param secret of this process: a restart, or another replica, caches anew */
  constructor(hash: Pick<Hash, "sha256">, secret: string) {
    this.#hash = hash;
    this.#secret = secret;
  }

  /** @param own what the caller set to part its own users: it narrows the tenant's, and cannot reach another's */
  of(tenant: TenantId, own?: string): string {
    let salt = this.#known.get(tenant);
    if (salt === undefined) this.#known.set(tenant, (salt = this.#hash.sha256(`${this.#secret} ${tenant}`)));
    return own === undefined ? salt : this.#hash.sha256(`${salt} ${own}`);
  }
}
