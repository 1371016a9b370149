import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { Answer, INVALID_MARK } from "../../../src/simulator/answer.ts";
import { ask, closing, ManualClock } from "./support.ts";

/** What a client gets from an answer that `act` writes. */
async function got(act: (answer: Answer, clock: ManualClock) => void, leave?: (bytes: Buffer) => boolean) {
  const clock = new ManualClock();
  const server = createServer((_, response) => act(new Answer(response, clock), clock));
  closing({ stop: async () => void server.close().closeAllConnections() });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return ask(`http://127.0.0.1:${port}/`, leave === undefined ? {} : { leave });
}

describe("Answer", () => {
  it("adds no header of its own", async () => {
    const { rawHeaders, text } = await got((answer) => {
      answer.head(200, ["content-length", "2"]);
      answer.end("ok");
    });
    expect([rawHeaders, text]).toEqual([["content-length", "2"], "ok"]);
  });

  it("sends nothing while it is held, its head included, and all of it in order after", async () => {
    const { text, ended } = await got((answer, clock) => {
      answer.hold(50);
      answer.head(200, ["transfer-encoding", "chunked"]);
      expect(answer.started).toBe(true);
      answer.write("a");
      answer.end("b");
      expect(answer.over).toBe(false);
      clock.advance(50);
      expect(answer.over).toBe(true);
    });
    expect([text, ended]).toEqual(["ab", "end"]);
  });

  it("drips byte by byte and ends after the last", async () => {
    const { text, ended } = await got((answer, clock) => {
      answer.apply({ dripMs: 10 });
      answer.head(200, ["transfer-encoding", "chunked"]);
      answer.write("abc");
      answer.end("d");
      clock.advance(20);
      expect(answer.over).toBe(false);
      clock.advance(100);
      expect(answer.over).toBe(true);
    });
    expect([text, ended]).toEqual(["abcd", "end"]);
  });

  it("cuts the next write in the middle", async () => {
    const { text, ended } = await got((answer) => {
      answer.head(200, ["transfer-encoding", "chunked"]);
      answer.write("first ");
      answer.cutNext();
      answer.write("second");
      answer.end("third");
    });
    expect([text, ended]).toEqual(["first sec", "ECONNRESET"]);
  });

  it("puts broken bytes where the mark is, and drops the length that no longer fits", async () => {
    const { bytes, headers } = await got((answer) => {
      answer.apply({ invalidUtf8: true });
      answer.head(200, ["content-length", "5"]);
      answer.end(`a${INVALID_MARK}b`);
    });
    expect([...bytes]).toEqual([0x61, 0xff, 0xfe, 0xfd, 0x62]);
    expect(headers["content-length"]).toBeUndefined();
  });

  it("tells a client that left from an end of its own making", async () => {
    const events: string[] = [];
    const listen = (name: string, answer: Answer): void => {
      answer.onGone(() => events.push(`${name} gone`));
      answer.onOver(() => events.push(`${name} over`));
      answer.head(200, ["transfer-encoding", "chunked"]);
    };
    await got((answer) => {
      listen("reset", answer);
      answer.reset();
    });
    await got((answer) => {
      listen("whole", answer);
      answer.end("x");
    });
    await got(
      (answer) => {
        listen("left", answer);
        answer.write("x");
      },
      () => true,
    );
    await expect.poll(() => events).toEqual(["reset over", "whole over", "left gone", "left over"]);
  });
});
