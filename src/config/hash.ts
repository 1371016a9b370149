/** One spelling for hashes: the base64url that the directory looks up. */

/** "sha256:" and hex or base64url, as unpadded base64url; undefined when it is no such hash. */
export function normalHash(text: string): string | undefined {
  if (!text.startsWith("sha256:")) return undefined;
  const digest = text.slice("sha256:".length);
  if (/^[0-9a-fA-F]{64}$/.test(digest)) return Buffer.from(digest, "hex").toString("base64url");
  if (!/^[A-Za-z0-9_-]{43}=?$/.test(digest)) return undefined;
  const normal = Buffer.from(digest, "base64url").toString("base64url");
  return normal === digest.slice(0, 43) ? normal : undefined;
}
