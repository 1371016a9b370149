/**
 * Scans an embeddings answer, which is megabytes of numbers: a list of numbers is crossed by native searches instead of digit by digit.
 * The numbers are the engine's own and reach the caller unread; the structure around them is checked as everywhere.
 */
import { scanObject, readMember, type Member, type Scanned } from "./json-scan.ts";
import { BYTE, firstIn, nextIn, skipKey, skipValue } from "./json-skip.ts";

const { brace, braceEnd, bracket, bracketEnd, quote } = BYTE;

/** Like scanObject over the whole body. @throws Fault invalid_json, duplicate_parameter */
export function scanEmbeddings(body: Buffer): Scanned {
  return scanObject(body, { start: 0, end: body.length }, readVectors);
}

function readVectors(bytes: Buffer, start: number): Member {
  if (bytes[start] !== bracket) return readMember(bytes, start);
  let count = 0;
  let next = firstIn(bytes, start, bracketEnd);
  while (next >= 0) {
    count++;
    next = nextIn(bytes, bytes[next] === brace ? skipVector(bytes, next) : skipValue(bytes, next, 2), bracketEnd);
  }
  return { start, end: -1 - next, count, nested: false };
}

function skipVector(bytes: Buffer, at: number): number {
  let next = firstIn(bytes, at, braceEnd);
  while (next >= 0) {
    const value = skipKey(bytes, next);
    next = nextIn(bytes, bytes[value] === bracket ? skipNumbers(bytes, value) : skipValue(bytes, value, 3), braceEnd);
  }
  return -1 - next;
}

/** A list without any other list, object or string before its end holds scalars only. */
function skipNumbers(bytes: Buffer, at: number): number {
  const close = bytes.indexOf(bracketEnd, at);
  const flat =
    close > at && bytes.lastIndexOf(bracket, close) === at && bytes.lastIndexOf(quote, close) < at && bytes.lastIndexOf(brace, close) < at;
  return flat ? close + 1 : skipValue(bytes, at, 3);
}
