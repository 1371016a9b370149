import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { Callers } from "../../../../src/entry/node/callers.ts";
import { StageClock } from "../../stages/fixture.ts";

/** A connection whose other side reads when a test says so. */
class Socket extends EventEmitter {
  bytesWritten = 0;
  writableLength = 0;
  destroyed = false;
  remoteAddress: string | undefined;

  constructor(address = "192.0.2.1") {
    super();
    this.remoteAddress = address;
  }

  write(bytes: number): void {
    this.bytesWritten += bytes;
    this.writableLength += bytes;
  }

  take(bytes: number): void {
    this.writableLength -= bytes;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit("close");
  }
}

const STALL_MS = 6_000;

function open(limits = { connectionsPerAddressMax: 2, callerStallMsMax: STALL_MS }): { clock: StageClock; callers: Callers } {
  const clock = new StageClock();
  return { clock, callers: new Callers(clock, limits) };
}

function enter(callers: Callers, address?: string, trusted: readonly string[] = []): Socket {
  const socket = new Socket(address);
  callers.enter(socket, trusted);
  return socket;
}

/** Time passes in small steps, as it does for timers. */
function pass(clock: StageClock, ms: number): void {
  for (let at = 0; at < ms; at += 500) clock.advance(500);
}

describe("a caller that", () => {
  it("takes nothing of what waits for it is cut within its time and one look", () => {
    const { clock, callers } = open();
    const socket = enter(callers);
    pass(clock, 10 * STALL_MS);
    expect(socket.destroyed).toBe(false); // nothing waits for it
    socket.write(1_000);
    pass(clock, STALL_MS - 500);
    expect(socket.destroyed).toBe(false);
    pass(clock, STALL_MS / 6 + 1_000);
    expect([socket.destroyed, callers.size]).toEqual([true, 0]);
  });

  it("takes a little now and then is left in peace, until a whole request would be over", () => {
    const { clock, callers } = open();
    const socket = enter(callers);
    socket.write(10_000_000);
    for (let ms = 0; ms < BOUNDS.totalMsMax - STALL_MS; ms += STALL_MS / 2) {
      socket.take(1);
      pass(clock, STALL_MS / 2);
    }
    expect(socket.destroyed).toBe(false);
    for (let ms = 0; ms < 2 * STALL_MS; ms += STALL_MS / 2) {
      socket.take(1);
      pass(clock, STALL_MS / 2);
    }
    expect(socket.destroyed).toBe(true);
  });

  it("takes all in between may be written to for as long as it likes", () => {
    const { clock, callers } = open();
    const socket = enter(callers);
    for (let ms = 0; ms < 2 * BOUNDS.totalMsMax; ms += STALL_MS) {
      socket.write(1_000);
      pass(clock, STALL_MS / 2);
      socket.take(1_000);
      pass(clock, STALL_MS / 2);
    }
    expect(socket.destroyed).toBe(false);
  });
});

describe("one address", () => {
  it("has so many connections and no more, until one closes", () => {
    const { callers } = open();
    const [first, second, third, other] = [enter(callers), enter(callers), enter(callers), enter(callers, "192.0.2.2")];
    expect([first, second, third, other].map(({ destroyed }) => destroyed)).toEqual([false, false, true, false]);
    first.destroy();
    expect(enter(callers).destroyed).toBe(false);
    expect(enter(callers).destroyed).toBe(true);
  });

  it("is a whole network of IPv6", () => {
    const { callers } = open();
    const all = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"].map((address) => enter(callers, address).destroyed);
    expect(all).toEqual([false, false, true, false]);
  });

  it("that is a trusted proxy's stands for many, and is not counted", () => {
    const { callers } = open();
    const all = Array.from({ length: 9 }, () => enter(callers, "10.0.0.1", ["10.0.0.0/8"]).destroyed);
    expect(all).not.toContain(true);
  });

  it("that is none any more is let go", () => {
    const { callers } = open();
    const gone = new Socket();
    gone.remoteAddress = undefined;
    callers.enter(gone, []);
    expect([gone.destroyed, callers.size]).toEqual([true, 0]);
  });
});

it("without connections there is nothing to look at", () => {
  const { clock, callers } = open();
  expect(clock.timers).toBe(0);
  const socket = enter(callers);
  expect(clock.timers).toBe(1);
  socket.destroy();
  pass(clock, STALL_MS);
  expect(clock.timers).toBe(0);
});
