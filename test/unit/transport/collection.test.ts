import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { Fault } from "../../../src/faults.ts";
import { Collection } from "../../../src/transport/collection.ts";

function collecting() {
  const collection = new Collection();
  const cancelled: string[] = [];
  collection.over({ pause: () => undefined, resume: () => undefined, cancel: () => void cancelled.push("cancel") });
  return { collection, cancelled };
}

describe("Collection", () => {
  it("puts an answer together, characters cut between chunks included", async () => {
    const { collection, cancelled } = collecting();
    const text = Buffer.from("Grüße 🚀");
    collection.head(418);
    for (const byte of text) collection.data(Buffer.from([byte]));
    collection.end();
    expect(await collection.answer).toEqual({ status: 418, body: "Grüße 🚀" });
    expect(cancelled).toEqual([]);
  });

  it("takes as many bytes as its bound, cuts the exchange at one more, and keeps nothing", async () => {
    const whole = collecting();
    whole.collection.data(Buffer.alloc(BOUNDS.metricsBytesMax, "x"));
    whole.collection.end();
    expect((await whole.collection.answer).body).toHaveLength(BOUNDS.metricsBytesMax);

    const { collection, cancelled } = collecting();
    collection.data(Buffer.alloc(BOUNDS.metricsBytesMax, "x"));
    expect(cancelled).toEqual([]);
    collection.data(Buffer.from("x"));
    expect(cancelled).toEqual(["cancel"]);
    await expect(collection.answer).rejects.toMatchObject({
      fault: "engine_failed",
      detail: "a status route answered with too many bytes",
    });
  });

  it("rejects with the failure's own fault", async () => {
    const fault = new Fault("engine_unreachable");
    const { collection } = collecting();
    collection.fail({ fault, elsewhere: true, sick: true });
    await expect(collection.answer).rejects.toBe(fault);
  });
});
