/** Engines that answer, but not with what was asked for. */
import { gzipSync } from "node:zlib";
import {
  answer,
  chunk,
  delta,
  event,
  GOOD_FRAMES,
  GOOD_JSON,
  head,
  json,
  LAST_CHUNK,
  rest,
  ROLE,
  stream,
  STREAM_HEAD,
  wholeStream,
} from "../support/answers.ts";
import { both, brokeOff, CUT, FAILED, failed, type Case, says, saysThen, SERVED, streamed, whole } from "./case.ts";

const HTML = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>nginx of rack 7</h1></body></html>";
const ERROR = { error: { message: "the engine fell over at 10.1.2.3", type: "InternalServerError", param: null, code: 500 } };
const BAD_REQUEST = { error: { message: "max_tokens must be at least 1", type: "BadRequestError", param: null, code: 400 } };

const busy = (retryAfter: string) => failed(503, "engine_overloaded", { retryAfter });
/** The request itself is to blame: it would be everywhere. */
const REFUSED: Case["expects"] = { ...failed(400, "null"), elsewhere: false };

export const REFUSALS: readonly Case[] = [
  ...both("429", says(json({ detail: "busy" }, "429 Too Many Requests")), busy("1")),
  ...both("429 with retry-after", says(json({ detail: "busy" }, "429 Too Many Requests", "retry-after: 7")), busy("7")),
  streamed("429 with retry-after of a day", says(json({}, "429 Too Many Requests", "retry-after: 86400")), busy("60")),
  streamed(
    "429 with retry-after as a date",
    says(json({}, "429 Too Many Requests", "retry-after: Sat, 01 Jan 2050 00:00:00 GMT")),
    busy("1"),
  ),
  streamed("503 with retry-after", says(json({}, "503 Service Unavailable", "retry-after: 5")), busy("5")),
  ...both("500 with retry-after", says(json(ERROR, "500 Internal Server Error", "retry-after: 5")), FAILED),
  streamed("502 with retry-after", says(answer("502 Bad Gateway", "text/html", HTML, "retry-after: 5")), FAILED),
  streamed("504", says(json({}, "504 Gateway Timeout")), failed(504, "engine_timeout")),
  streamed("401: our credential is wrong", says(json({ error: "Unauthorized" }, "401 Unauthorized")), FAILED),
  streamed("404: the model is not there", says(json(ERROR, "404 Not Found")), FAILED),
  ...both("400: the request is wrong", says(json(BAD_REQUEST, "400 Bad Request")), REFUSED),
  ...both("HTML with 200", says(answer("200 OK", "text/html; charset=utf-8", HTML)), FAILED),
  streamed("HTML with 502", says(answer("502 Bad Gateway", "text/html", HTML)), FAILED),
  whole("HTML that calls itself JSON", says(json(HTML)), FAILED),
  streamed("HTML that calls itself a stream", says(wholeStream(HTML)), FAILED),
  ...both("an error object with 200", says(json(ERROR)), FAILED),
  ...both("a refusal as an object with 200", says(json(BAD_REQUEST)), REFUSED),
  streamed("an error as the first event", says(wholeStream(event(ERROR))), FAILED),
  streamed("an error as the first event, by its name", says(wholeStream(`event: error\ndata: ${JSON.stringify(ERROR)}\n\n`)), FAILED),
  streamed("an error event between frames", saysThen(stream(ROLE, delta("hello")), rest(event(ERROR))), CUT),
  streamed(
    "an overload between frames",
    saysThen(stream(ROLE, delta("hello")), rest(event({ error: { message: "full", code: 503 } }))),
    brokeOff("engine_overloaded"),
  ),
  whole("no body at all", says(json("")), FAILED),
  whole("an array", says(json([1, 2])), FAILED),
  whole("an object without choices", says(json({})), FAILED),
  whole("two objects", says(json(`${JSON.stringify({ choices: [] })}{}`)), FAILED),
  whole("no content-type", says(Buffer.from(GOOD_JSON.toString().replace("content-type: application/json\r\n", ""))), FAILED),
  streamed("one JSON answer where a stream was asked for", says(GOOD_JSON), FAILED),
  whole("a stream where one answer was asked for", says(wholeStream(...GOOD_FRAMES)), FAILED),
  ...both("gzip, which nobody asked for", (turn) => turn.write(compressed(turn.body.includes('"stream":true'))), FAILED),
  ...both("204", says(head("204 No Content")), FAILED),
  ...both("304", says(head("304 Not Modified")), FAILED),
  ...both("101 to another protocol", says(head("101 Switching Protocols", "upgrade: websocket", "connection: upgrade")), FAILED),
  ...both("no HTTP", says("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), FAILED),
  ...both("HTTP/2", says(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])), FAILED),
  streamed(
    "a clock that is ten years behind",
    says(Buffer.from(withDate(wholeStream(...GOOD_FRAMES), "Sun, 06 Nov 2016 08:49:37 GMT"))),
    SERVED,
  ),
  whole("a clock that is ten years ahead", says(Buffer.from(withDate(GOOD_JSON, "Sun, 06 Nov 2036 08:49:37 GMT"))), SERVED),
  streamed("1xx answers before the answer", says(Buffer.concat([HINTS(), HINTS(), wholeStream(...GOOD_FRAMES)])), SERVED),
  streamed(
    "trailers",
    says(Buffer.concat([stream(...GOOD_FRAMES), Buffer.from("0\r\nx-checksum: 1\r\ncontent-length: 5\r\n\r\n")])),
    SERVED,
  ),
];

function HINTS(): Buffer {
  return Buffer.from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
}

function compressed(asStream: boolean): Buffer {
  if (!asStream) return answer("200 OK", "application/json", gzipSync(GOOD_JSON), "content-encoding: gzip");
  const bytes = chunk(gzipSync(GOOD_FRAMES.join("")));
  return Buffer.concat([
    Buffer.from(STREAM_HEAD.replace("\r\n\r\n", "\r\ncontent-encoding: gzip\r\n\r\n")),
    bytes,
    Buffer.from(LAST_CHUNK),
  ]);
}

function withDate(bytes: Buffer, date: string): string {
  return bytes.toString("latin1").replace("\r\n", `\r\ndate: ${date}\r\n`);
}
