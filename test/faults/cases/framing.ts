/** HTTP that frames its answers wrongly, and what a parser could be made to believe. */
import { CHAT, chunk, delta, GOOD_FRAMES, GOOD_STREAM, head, LAST_CHUNK, ROLE, STREAM_HEAD, stream } from "../support/answers.ts";
import { CUT, FAILED, type Case, says, saysAndEnds, saysThen, SERVED, streamed, TIMED_OUT, whole } from "./case.ts";

const BODY = JSON.stringify(CHAT);
const TYPE = "content-type: application/json";
const lengths = (...values: readonly string[]) => head("200 OK", TYPE, ...values.map((value) => `content-length: ${value}`)) + BODY;
const exact = String(BODY.length);
const kib = (count: number) => "x".repeat(count * 1_024);

export const FRAMING: readonly Case[] = [
  whole("content-length too small", says(lengths(String(BODY.length - 10))), FAILED),
  whole("content-length too small by a line end", says(`${lengths(exact)}\r\n\r\n`), SERVED),
  whole("content-length too large, then FIN", saysAndEnds(lengths(String(BODY.length + 10))), FAILED),
  whole("content-length too large, then silence", says(lengths(String(BODY.length + 10))), TIMED_OUT),
  whole("content-length negative", says(lengths("-1")), FAILED),
  whole("content-length no number", says(lengths("12a")), FAILED),
  whole("content-length beyond all numbers", says(lengths("99999999999999999999999")), FAILED),
  whole("content-length twice, different", says(lengths(exact, "5")), FAILED),
  whole(
    "content-length and chunks",
    says(head("200 OK", TYPE, `content-length: 5`, "transfer-encoding: chunked") + chunk(BODY).toString() + LAST_CHUNK),
    FAILED,
  ),
  whole(
    "an unknown transfer-encoding",
    says(head("200 OK", TYPE, "transfer-encoding: br, chunked") + chunk(BODY).toString() + LAST_CHUNK),
    FAILED,
  ),
  streamed("a chunk size that is no number", saysThen(stream(ROLE, delta("hello")), "xyz\r\n"), CUT),
  streamed(
    "a chunk size that is no number, before anything has gone out",
    says(`${stream(ROLE, delta("hello")).toString()}xyz\r\n`),
    FAILED,
  ),
  streamed("a negative chunk size", saysThen(stream(ROLE, delta("hello")), "-5\r\nhello\r\n"), CUT),
  streamed("a chunk size beyond all numbers", saysThen(stream(ROLE, delta("hello")), "ffffffffffffffffff\r\n"), CUT),
  streamed("a chunk longer than it says", saysThen(stream(ROLE, delta("hello")), "3\r\ndata: \r\n"), CUT),
  streamed("a chunk size in the first place that is none", says(`${STREAM_HEAD}hello\r\n`), FAILED),
  streamed("chunk extensions", says(`${STREAM_HEAD}${GOOD_FRAMES.map(extended).join("")}${LAST_CHUNK}`), SERVED),
  streamed("a chunk extension of 64 KiB", says(`${STREAM_HEAD}5;x=${kib(64)}\r\nhello\r\n`), FAILED),
  streamed("headers of 64 KiB", says(GOOD_STREAM.toString().replace("\r\n", `\r\nx-long: ${kib(64)}\r\n`)), FAILED),
  streamed("ten thousand headers", says(GOOD_STREAM.toString().replace("\r\n", `\r\n${"x-many: 1\r\n".repeat(10_000)}`)), FAILED),
  streamed("a header without end", endlessHeader, FAILED),
  streamed("trailers without end", saysThen(stream(...GOOD_FRAMES), `0\r\n${"x-many: 1\r\n".repeat(10_000)}`), SERVED),
  streamed("a header with a line folded into it", says(GOOD_STREAM.toString().replace("\r\n", "\r\nx-fold: a\r\n b\r\n")), FAILED),
  streamed(
    "a space before the colon of a header",
    says(GOOD_STREAM.toString().replace("transfer-encoding:", "transfer-encoding :")),
    FAILED,
  ),
  streamed("a status that is no number", says(GOOD_STREAM.toString().replace("200 OK", "OK 200")), FAILED),
  streamed("a status of 999", says(GOOD_STREAM.toString().replace("200 OK", "999 Odd")), FAILED),
  streamed("another version of HTTP", says(GOOD_STREAM.toString().replace("HTTP/1.1", "HTTP/3.0")), FAILED),
];

function extended(frame: string): string {
  return chunk(frame).toString().replace("\r\n", ';name="value"\r\n');
}

function endlessHeader(turn: Parameters<Case["does"]>[0]): void {
  turn.write("HTTP/1.1 200 OK\r\nx-endless: ");
  turn.keepWriting(kib(16), 5);
}
