/** IP addresses and CIDR ranges as numbers, for the address lists of keys and trusted proxies. */

export interface Range {
  readonly base: bigint;
  /** Bits that must agree, out of 128. */
  readonly bits: number;
}

const V4_MAPPED = 0xffffn << 32n;

/** Every address as a 128-bit number; IPv4 is mapped (::ffff:a.b.c.d). undefined: not an address. */
export function parseAddress(text: string): bigint | undefined {
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return V4_MAPPED | value;
}

function parseV6(text: string): bigint | undefined {
  const zone = text.indexOf("%");
  const halves = (zone < 0 ? text : text.slice(0, zone)).split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = [groups(halves[0] ?? ""), groups(halves[1] ?? "")];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0n), ...tail].reduce((value, group) => (value << 16n) | group, 0n);
}

/** The 16-bit groups of one side of "::"; a dotted quad at the end counts as two. */
function groups(text: string): bigint[] | undefined {
  if (text === "") return [];
  const out: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (part.includes(".") && index === parts.length - 1) {
      const quad = parseV4(part);
      if (quad === undefined) return undefined;
      out.push((quad >> 16n) & 0xffffn, quad & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) out.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return out;
}

const V6_BLOCK_BITS = 64n;

/** Whom an address stands for: an IPv4 address for itself, an IPv6 address for its /64, which is what one customer has. */
export function blockOf(address: string): string {
  if (!address.includes(":")) return address;
  const value = parseV6(address);
  if (value === undefined) return address;
  return value >> 32n === V4_MAPPED >> 32n ? address : `${(value >> V6_BLOCK_BITS).toString(16)}/64`;
}

/** "10.0.0.0/8", "2001:db8::/32", or a single address. undefined: not a range, or one with bits set behind its prefix. */
export function parseRange(text: string): Range | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const base = parseAddress(address);
  if (base === undefined) return undefined;
  const width = address.includes(":") ? 128 : 32;
  const given = slash < 0 ? String(width) : text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(given) || Number(given) > width) return undefined;
  const bits = Number(given) + (128 - width);
  const hostBits = BigInt(128 - bits);
  return (base >> hostBits) << hostBits === base ? { base, bits } : undefined;
}

export function inRange(address: bigint, range: Range): boolean {
  const hostBits = BigInt(128 - range.bits);
  return address >> hostBits === range.base >> hostBits;
}

/** Whether an address lies in one of the ranges; what cannot be read lies in none. */
export function inAnyRange(address: string, ranges: readonly string[]): boolean {
  const value = parseAddress(address);
  if (value === undefined) return false;
  return ranges.some((text) => {
    const range = parseRange(text);
    return range !== undefined && inRange(value, range);
  });
}
