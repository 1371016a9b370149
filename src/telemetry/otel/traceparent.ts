/** The W3C traceparent header: whose trace a caller says that its request belongs to. Nothing else of a caller's trace context is read. */

export interface Parent {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Version, trace, parent and flags; a later version may go on behind them, and the first has nothing there. */
const FORM = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]*)?$/;
/** What any version needs, and then room for one that is not known yet. */
const LENGTH_MAX = 128;
const SAMPLED = 0x01;

/** undefined: there is none, there are several, or it is not understood in full; then the request begins a trace of its own. */
export function parentOf(values: readonly string[]): Parent | undefined {
  const value = values.length === 1 ? values[0] : undefined;
  if (value === undefined || value.length > LENGTH_MAX) return undefined;
  const [, version, traceId, spanId, flags, more] = FORM.exec(value) ?? [];
  if (traceId === undefined || spanId === undefined || (version === "00" && more !== undefined)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags ?? "", 16) & SAMPLED) !== 0 };
}
