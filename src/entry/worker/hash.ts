/** Hashing as the platform brings it, at once and not as a promise. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import type { Hash } from "../../world.ts";

export const workerHash: Hash = {
  sha256: (bytes) => createHash("sha256").update(bytes).digest("base64url"),
  isUtf8,
};
