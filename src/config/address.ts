/** A listening address as two values. */

export interface Address {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Splits "host:port" or "[v6]:port"; undefined when it is neither. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  return host === undefined ? undefined : { host: host.toLowerCase(), port: Number(match?.[3]) };
}
