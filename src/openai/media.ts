/**
 * Images, sounds and videos inside messages. An engine fetches what a URL names, from wherever it lies and on the caller's word alone: that is
 * a place that no law has judged, so only what the request itself carries may pass.
 */
import type { Slice } from "../domain/call.ts";
import { Fault } from "../faults.ts";
import { elements, isGiven, scanObject, type Member } from "./json-scan.ts";
import { BYTE } from "./json-skip.ts";

/** Ends of names, and of part types, that carry media. Behind an escape a name may hide: searching for just those costs more than the walk. */
const HINTS = ['_url"', '_audio"', '_embeds"', "\\u"].map((text) => Buffer.from(text));
const MEDIA_NAME = /_(?:url|audio|embeds)$/;

const DATA_URL = Buffer.from('"data:');
/** Longer than any scheme that an engine knows; base64 has no colon. */
const SCHEME_BYTES_MAX = 32;

/** A member of a content part that carries media. */
interface Source {
  readonly body: Buffer;
  /** JSON path, for the caller. */
  readonly path: string;
  readonly value: Member;
}

/**
 * How many parts of these messages carry media. Costs a search of the messages' bytes, and a walk through them only where there may be some.
 * @throws Fault invalid_value for what lies elsewhere, unsupported_parameter for a name of something that somebody sent before
 */
export function mediaParts(body: Buffer, messages: Member): number {
  if (!messages.nested) return 0;
  const bytes = body.subarray(messages.start, messages.end);
  if (!HINTS.some((hint) => bytes.includes(hint))) return 0;
  let parts = 0;
  for (const [at, message] of elements(body, messages).entries()) {
    if (body[message.start] !== BYTE.brace) continue;
    parts += mediaInContent(body, message, `messages[${at}]`);
  }
  return parts;
}

/** The same for one object that has its parts under `content`; `path` is the object's own. */
export function mediaInContent(body: Buffer, object: Slice, path: string): number {
  const content = scanObject(body, object).fields.get("content");
  return content !== undefined && body[content.start] === BYTE.bracket ? inContent(body, content, `${path}.content`) : 0;
}

function inContent(body: Buffer, content: Member, path: string): number {
  let parts = 0;
  for (const [at, part] of elements(body, content).entries()) {
    if (body[part.start] === BYTE.brace && carriesMedia(body, part, `${path}[${at}]`)) parts++;
  }
  return parts;
}

/** Whether a content part carries media. @throws Fault as mediaParts */
export function carriesMedia(body: Buffer, part: Slice, path: string): boolean {
  const { fields } = scanObject(body, part);
  let media = false;
  for (const [name, value] of fields) {
    if (!MEDIA_NAME.test(name)) continue;
    media = true;
    checkSource({ body, path: `${path}.${name}`, value }, name.endsWith("_url"));
  }
  // vLLM finds what another caller has sent under the same name.
  if (isGiven(body, fields.get("uuid")))
    throw new Fault("unsupported_parameter", { text: "Unsupported parameter: 'uuid'. Send the content itself.", param: `${path}.uuid` });
  return media;
}

/** @param isUrl the member itself is named a URL */
function checkSource(source: Source, isUrl: boolean): void {
  const { body, path, value } = source;
  const first = body[value.start];
  if (first === BYTE.brace) {
    const { fields } = scanObject(body, value);
    const [url, data] = [fields.get("url"), fields.get("data")];
    if (isGiven(body, url)) checkSource({ body, path: `${path}.url`, value: url }, true);
    if (isGiven(body, data)) checkSource({ body, path: `${path}.data`, value: data }, false);
  } else if (first === BYTE.quote ? !isCarried(source, isUrl) : first === BYTE.bracket && isUrl) throw elsewhere(path);
}

function isCarried({ body, value }: Source, isUrl: boolean): boolean {
  if (body.compare(DATA_URL, 0, DATA_URL.length, value.start, value.start + DATA_URL.length) === 0) return true;
  return !isUrl && !body.subarray(value.start, Math.min(value.end, value.start + SCHEME_BYTES_MAX)).includes(BYTE.colon);
}

function elsewhere(param: string): Fault {
  return new Fault("invalid_value", { text: `Invalid '${param}'. Only data: URLs are accepted.`, param });
}
