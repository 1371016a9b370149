/** Connections that end too soon, in every way a connection can. */
import {
  CHAT,
  chunk,
  delta,
  DONE,
  FINISH,
  GOOD_FRAMES,
  GOOD_JSON,
  GOOD_STREAM,
  head,
  LAST_CHUNK,
  ROLE,
  stream,
  usage,
  USAGE,
  wholeStream,
} from "../support/answers.ts";
import { both, CUT, FAILED, type Case, saysAndEnds, SERVED, streamed, UNCOUNTED, whole } from "./case.ts";

const BARE_HEAD = head("200 OK", "content-type: text/event-stream", "connection: close");

export const BREAKS: readonly Case[] = [
  ...both("FIN before the head", (turn) => turn.finish(), FAILED),
  ...both("RST before the head", (turn) => turn.reset(), FAILED),
  ...both("FIN within the head", saysAndEnds("HTTP/1.1 200 OK\r\ncontent-"), FAILED),
  streamed("FIN after the head", saysAndEnds(stream()), FAILED),
  whole("FIN within the body", saysAndEnds(GOOD_JSON.subarray(0, -20)), FAILED),
  whole("RST within the body", (turn) => resetAfter(turn, GOOD_JSON.subarray(0, -20)), FAILED),
  streamed("FIN within the first frame", saysAndEnds(stream(ROLE.slice(0, 20))), FAILED),
  streamed("FIN between frames", saysAndEnds(stream(ROLE, delta("hello"))), CUT),
  streamed("FIN within a frame", saysAndEnds(stream(ROLE, delta("hello"), delta(" there").slice(0, 30))), CUT),
  streamed("FIN within an HTTP chunk", saysAndEnds(stream(ROLE, delta("hello"), delta(" there")).subarray(0, -12)), CUT),
  streamed("RST between frames", (turn) => resetAfter(turn, stream(ROLE, delta("hello"))), CUT),
  streamed("RST after the last choice has finished", (turn) => resetAfter(turn, stream(...GOOD_FRAMES.slice(0, 4))), UNCOUNTED),
  streamed("FIN after usage", saysAndEnds(stream(...GOOD_FRAMES.slice(0, -1))), SERVED),
  streamed("RST after [DONE]", (turn) => resetAfter(turn, stream(...GOOD_FRAMES)), SERVED),
  streamed("a clean end between frames", (turn) => turn.write(wholeStream(ROLE, delta("hello"))), CUT),
  streamed("a clean end before the first frame", (turn) => turn.write(wholeStream()), FAILED),
  streamed(
    "a clean end after a frame without its blank line",
    (turn) => turn.write(wholeStream(...GOOD_FRAMES.slice(0, -1), DONE.trim())),
    SERVED,
  ),
  streamed("a clean end without [DONE]", (turn) => turn.write(wholeStream(...GOOD_FRAMES.slice(0, -1))), SERVED),
  streamed("an end by FIN alone", saysAndEnds(BARE_HEAD + GOOD_FRAMES.join("")), SERVED),
  whole("an end by FIN alone", saysAndEnds(head("200 OK", "content-type: application/json") + JSON.stringify(CHAT)), SERVED),
  streamed("a stream cut by FIN alone", saysAndEnds(BARE_HEAD + ROLE + delta("hello")), CUT),
  ...both("an answer of HTTP/1.0", (turn) => turn.finish(turn.body.includes('"stream":true') ? OLD_STREAM : OLD_JSON), SERVED),
  streamed("half a connection, answered over the other half", (turn) => void setTimeout(() => turn.finish(GOOD_STREAM), 50), SERVED),
  streamed("frames cut into single bytes", (turn) => turn.write(singleBytes()), SERVED),
  streamed("[DONE] before any frame", (turn) => turn.write(wholeStream(DONE)), FAILED),
  streamed("usage before [DONE] and nothing else", (turn) => turn.write(wholeStream(usage(USAGE), DONE)), FAILED),
  streamed("a whole answer behind [DONE]", (turn) => turn.write(wholeStream(...GOOD_FRAMES, ...GOOD_FRAMES)), SERVED),
  streamed("text after the choice has finished", (turn) => turn.write(wholeStream(...LATE_TEXT)), {
    ...SERVED,
    text: "hello there and more",
  }),
];

const OLD_STREAM = `HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${GOOD_FRAMES.join("")}`;
const OLD_JSON = `HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(CHAT)}`;
const LATE_TEXT = [ROLE, delta("hello"), delta(" there"), FINISH, delta(" and more"), usage(USAGE), DONE];

/** What was written leaves before the reset only when the other side has read it. */
function resetAfter(turn: Parameters<Case["does"]>[0], bytes: Buffer): void {
  turn.socket.write(bytes, () => setTimeout(() => turn.reset(), 100));
}

function singleBytes(): Buffer {
  const bytes = Buffer.from(GOOD_FRAMES.join(""));
  return Buffer.concat([stream(), ...Array.from(bytes, (byte) => chunk(Buffer.of(byte))), Buffer.from(LAST_CHUNK)]);
}
