import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import { Delivery } from "../../../src/stages/delivery.ts";
import { BACKENDS, FakeExit, StageClock } from "./fixture.ts";

function delivering(stream = true) {
  const exit = new FakeExit();
  const clock = new StageClock();
  const delivery = new Delivery(exit, clock, { stream, headers: (backend) => ["x-from", backend?.id ?? "nobody"] });
  return { exit, clock, delivery };
}

const OBSERVED = { reported: undefined, reports: 0, frames: 3, textBytes: 12, finished: false };
const place = BACKENDS[1];

describe("Delivery", () => {
  it("holds the head back until the first byte, and then says whose answer it is", () => {
    const { exit, clock, delivery } = delivering();
    expect([exit.status, delivery.started, delivery.firstByteAtMs]).toEqual([0, false, undefined]);
    if (place !== undefined) delivery.from(place, OBSERVED);
    clock.advance(40);
    delivery.write(Buffer.from("one"));
    clock.advance(40);
    delivery.write(Buffer.from("two"));
    expect([exit.status, exit.text, delivery.firstByteAtMs]).toEqual([200, "onetwo", 40]);
    expect(exit.header("x-from")).toBe("b");
  });

  it("has observed nothing while nothing has gone out, whatever was gathered", () => {
    const { delivery } = delivering();
    if (place !== undefined) delivery.from(place, OBSERVED);
    expect(delivery.observed.frames).toBe(0);
    delivery.write(Buffer.from("x"));
    expect(delivery.observed).toBe(OBSERVED);
  });

  it("passes on that the caller reads slowly, and that it reads again", () => {
    const { exit, delivery } = delivering();
    const told: string[] = [];
    delivery.attach(
      () => told.push("gone"),
      () => told.push("drain"),
      () => told.push("late"),
    );
    exit.takes = false;
    expect(delivery.write(Buffer.from("x"))).toBe(false);
    exit.drain();
    delivery.expire();
    exit.leave();
    expect(told).toEqual(["drain", "late", "gone"]);
    expect(delivery.gone).toBe(true);
  });

  it("tells an attempt that comes after the caller has left", () => {
    const { exit, delivery } = delivering();
    exit.leave();
    let gone = false;
    delivery.attach(
      () => void (gone = true),
      () => undefined,
      () => undefined,
    );
    expect(gone).toBe(true);
  });

  it("tells only the attempt that runs now", () => {
    const { exit, delivery } = delivering();
    const told: string[] = [];
    for (const name of ["first", "second"]) {
      delivery.attach(
        () => told.push(name),
        () => undefined,
        () => undefined,
      );
    }
    exit.leave();
    expect(told).toEqual(["second"]);
  });

  it("ends once: with the rest, or with one error frame and no [DONE]", () => {
    const served = delivering();
    served.delivery.finish(Buffer.from("all"));
    served.delivery.finish(Buffer.from("again"));
    served.delivery.breakOff(new Fault("engine_failed"));
    expect([served.exit.text, served.exit.state]).toEqual(["all", "ended"]);
    const broken = delivering();
    broken.delivery.write(Buffer.from("data: {}\n\n"));
    broken.delivery.breakOff(new Fault("engine_failed"));
    broken.delivery.finish(Buffer.from("data: [DONE]\n\n"));
    expect(broken.exit.text).toMatch(/^data: \{\}\n\ndata: \{"error":\{.*\}\}\n\n$/);
  });

  it("cuts an answer that is no stream: there is no honest end to it", () => {
    const { exit, delivery } = delivering(false);
    delivery.write(Buffer.from("{"));
    delivery.breakOff(new Fault("engine_failed"));
    expect(exit.state).toBe("aborted");
  });
});
