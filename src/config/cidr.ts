/** Shape of address ranges, judged without sockets or node: modules. */

/** Whether text is IPv4 or IPv6 with a prefix length: "10.0.0.0/8", "fd00::/8". */
export function isCidr(text: string): boolean {
  const match = /^([0-9A-Fa-f:.]+)\/(\d{1,3})$/.exec(text);
  const [, address, prefix] = match ?? [];
  if (address === undefined || prefix === undefined) return false;
  if (prefix.length > 1 && prefix.startsWith("0")) return false;
  return address.includes(":") ? isIpv6(address) && Number(prefix) <= 128 : isIpv4(address) && Number(prefix) <= 32;
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = text.slice(text.lastIndexOf(":") + 1);
  const dotted = last.includes(".");
  if (dotted && !isIpv4(last)) return false;
  const hex = dotted ? groups.slice(0, -1) : groups;
  if (!hex.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false;
  const words = hex.length + (dotted ? 2 : 0);
  return halves.length === 2 ? words <= 7 : words === 8;
}
