/** The connections of callers: how many one address may have, and for how long one may leave lying what waits for it. */
import { BOUNDS } from "../../bounds.ts";
import { blockOf, inAnyRange } from "../../domain/address.ts";
import { Roster, type Enrolled } from "../../domain/roster.ts";
import type { Clock, Stop } from "../../ports.ts";

/** What is looked at of a connection: a net.Socket's. */
export interface Line {
  /** undefined: it has gone. */
  readonly remoteAddress?: string | undefined;
  /** Bytes given to it in all, those that wait included. */
  readonly bytesWritten: number;
  /** Bytes that wait. */
  readonly writableLength: number;
  once(event: "close", then: () => void): unknown;
  destroy(): unknown;
}

export interface CallerLimits {
  readonly connectionsPerAddressMax: number;
  readonly callerStallMsMax: number;
}

/** So often within callerStallMsMax is every connection looked at. */
const LOOKS = 6;

class Caller implements Enrolled {
  readonly line: Line;
  place = -1;
  /** Since when something lies waiting without a pause; undefined: nothing did at the last look. */
  waitingSinceMs: number | undefined;
  #taken = 0;
  #tookMs = 0;

  constructor(line: Line) {
    this.line = line;
  }

  /** Whether it has taken nothing for `stallMs`, or has been behind for as long as a whole request may take. */
  isStuck(nowMs: number, stallMs: number): boolean {
    const { line } = this;
    if (line.writableLength === 0) {
      this.waitingSinceMs = undefined;
      return false;
    }
    const taken = line.bytesWritten - line.writableLength;
    if (this.waitingSinceMs === undefined || taken !== this.#taken) {
      this.waitingSinceMs ??= nowMs;
      this.#taken = taken;
      this.#tookMs = nowMs;
    }
    return nowMs - this.#tookMs >= stallMs || nowMs - this.waitingSinceMs >= BOUNDS.totalMsMax;
  }
}

/**
 * One for all ports of a process. No timer per connection and nothing per write: every connection is looked at a few times within the time
 * that it may stand still. What comes from a caller does not count, or a byte now and then would keep its answer in memory for ever.
 */
export class Callers {
  readonly #callers = new Roster<Caller>();
  readonly #perBlock = new Map<string, number>();
  readonly #limits: CallerLimits;
  readonly #clock: Pick<Clock, "monotonicMs" | "every">;
  #looking: Stop | undefined;

  constructor(clock: Pick<Clock, "monotonicMs" | "every">, limits: CallerLimits = BOUNDS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** A connection has been made. @param trusted CIDR ranges of proxies, which stand for many callers */
  enter(line: Line, trusted: readonly string[]): void {
    const { remoteAddress } = line;
    // It has gone already.
    if (remoteAddress === undefined) return void line.destroy();
    const counted = !inAnyRange(remoteAddress, trusted);
    const block = blockOf(remoteAddress);
    if (counted && !this.#count(block)) return void line.destroy();
    const caller = new Caller(line);
    this.#callers.add(caller);
    this.#looking ??= this.#clock.every(Math.ceil(this.#limits.callerStallMsMax / LOOKS), () => this.#look());
    line.once("close", () => {
      this.#callers.delete(caller);
      if (counted) this.#forget(block);
    });
  }

  /** Connections that are open. */
  get size(): number {
    return this.#callers.size;
  }

  /** False: it has as many as it may. */
  #count(block: string): boolean {
    const open = this.#perBlock.get(block) ?? 0;
    if (open >= this.#limits.connectionsPerAddressMax) return false;
    this.#perBlock.set(block, open + 1);
    return true;
  }

  #forget(block: string): void {
    const open = this.#perBlock.get(block) ?? 0;
    if (open > 1) this.#perBlock.set(block, open - 1);
    else this.#perBlock.delete(block);
  }

  #look(): void {
    if (this.#callers.size === 0) {
      this.#looking?.();
      this.#looking = undefined;
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    this.#callers.forEach((caller) => {
      if (caller.isStuck(nowMs, this.#limits.callerStallMsMax)) caller.line.destroy();
    });
  }
}
