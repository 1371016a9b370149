/** Engines that say nothing, too little, or never come to an end. */
import { delta, DONE, FINISH, GOOD_FRAMES, GOOD_JSON, GOOD_STREAM, head, ROLE, stream, usage, USAGE } from "../support/answers.ts";
import { brokeOff, FAILED, failed, says, SERVED, streamed, TIMED_OUT, whole, type Case, UNCOUNTED } from "./case.ts";

const DRIP_MS = 100;
const PING_MS = 200;

/** The request as a whole has had its time: nobody else is asked. */
const OUT_OF_TIME = failed(504, "engine_timeout", { elsewhere: false });

export const SILENCE: readonly Case[] = [
  streamed("silence before the head", () => undefined, TIMED_OUT),
  whole("silence before the head", () => undefined, OUT_OF_TIME),
  streamed("silence within the head", says("HTTP/1.1 200 OK\r\ncontent-ty"), TIMED_OUT),
  streamed("silence after the head", says(stream()), TIMED_OUT),
  whole("silence after the head", says(head("200 OK", "content-type: application/json", "content-length: 500")), TIMED_OUT),
  whole("silence within the body", says(GOOD_JSON.subarray(0, -20)), TIMED_OUT),
  streamed("silence within the first frame", says(stream(ROLE.slice(0, 20))), TIMED_OUT),
  streamed("silence between frames", says(stream(ROLE, delta("hello"))), brokeOff("engine_timeout")),
  streamed("silence within a frame", says(stream(ROLE, delta("hello"), delta(" there").slice(0, 30))), brokeOff("engine_timeout")),
  streamed("silence after the last choice has finished", says(stream(ROLE, delta("hello"), delta(" there"), FINISH)), UNCOUNTED),
  streamed("silence after usage", says(stream(...GOOD_FRAMES.slice(0, -1))), SERVED),
  streamed("silence after [DONE]", says(stream(...GOOD_FRAMES)), SERVED),
  streamed("one byte at a time, too slowly", (turn) => drip(turn, GOOD_STREAM), OUT_OF_TIME),
  whole("one byte at a time, too slowly", (turn) => drip(turn, GOOD_JSON), OUT_OF_TIME),
  streamed(
    "comments without end before the first frame",
    (turn) => {
      turn.write(stream());
      turn.keepWriting("8\r\n: ping\n\n\r\n", PING_MS);
    },
    OUT_OF_TIME,
  ),
  streamed(
    "comments without end between frames",
    (turn) => {
      turn.write(stream(ROLE, delta("hello")));
      turn.keepWriting("8\r\n: ping\n\n\r\n", PING_MS);
    },
    brokeOff("engine_timeout"),
  ),
  streamed("1xx answers without end", (turn) => turn.keepWriting("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", 10), FAILED),
  streamed(
    "frames without end after [DONE]",
    (turn) => {
      turn.write(stream(...GOOD_FRAMES));
      turn.keepWriting(stream(delta("more")).subarray(stream().length), PING_MS);
    },
    SERVED,
  ),
  streamed("usage after [DONE]", says(stream(ROLE, delta("hello"), delta(" there"), FINISH, DONE, usage(USAGE))), UNCOUNTED),
];

/** The head comes at once. */
function drip(turn: Parameters<Case["does"]>[0], bytes: Buffer): void {
  let at = bytes.indexOf("\r\n\r\n") + 4;
  turn.write(bytes.subarray(0, at));
  const timer = setInterval(() => turn.write(bytes.subarray(at, ++at)), DRIP_MS);
  turn.socket.once("close", () => clearInterval(timer));
}
