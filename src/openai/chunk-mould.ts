/**
 * Chunks of one stream differ in little but their text: what stands before and behind it is remembered with what it becomes, so that the
 * next chunk is two comparisons and one string, and nothing is walked. Equal bytes around one well-formed string have equal structure,
 * so no text can pass for anything else.
 */
import type { Slice } from "../domain/call.ts";
import { BYTE, skipString } from "./json-skip.ts";
import { NOTHING, splice, type Edit } from "./splice.ts";

/** A stream whose chunks are never alike (several choices by turns) is not learned from for ever. */
const LESSONS_MAX = 16;

/** The text's quotes lie at `textStart` and before `textEnd`; all of it in [start, end). */
export interface Cast {
  readonly start: number;
  readonly textStart: number;
  readonly textEnd: number;
  readonly end: number;
}

export class ChunkMould {
  #lead: Buffer = NOTHING;
  #tail: Buffer = NOTHING;
  /** What lead and tail become; undefined: they stay. */
  #leadEdited: Buffer | undefined;
  #tailEdited: Buffer | undefined;
  #lessons = 0;

  /** Bytes before the opening quote of the text, in a chunk that fits. */
  get leadBytes(): number {
    return this.#lead.length;
  }

  /** Bytes of text of a chunk that fits, its edits appended to `edits`; -1 for one that does not. @throws Fault invalid_json */
  cast(bytes: Buffer, range: Slice, edits: Edit[]): number {
    const { start, end } = range;
    const lead = this.#lead;
    const tail = this.#tail;
    const text = start + lead.length;
    const behind = end - tail.length;
    if (lead.length === 0 || text >= behind || bytes[text] !== BYTE.quote || bytes.compare(lead, 0, lead.length, start, text) !== 0)
      return -1;
    if (skipString(bytes, text) !== behind || bytes.compare(tail, 0, tail.length, behind, end) !== 0) return -1;
    this.#lessons = 0;
    if (this.#leadEdited !== undefined) edits.push({ start, end: text, bytes: this.#leadEdited });
    if (this.#tailEdited !== undefined) edits.push({ start: behind, end, bytes: this.#tailEdited });
    return behind - text - 2;
  }

  /** Learns from a chunk that was walked, with the edits that it needed. */
  learn(bytes: Buffer, cast: Cast, edits: readonly Edit[]): void {
    if (this.#lessons >= LESSONS_MAX) return;
    this.#lessons++;
    this.#lead = Buffer.from(bytes.subarray(cast.start, cast.textStart));
    this.#tail = Buffer.from(bytes.subarray(cast.textEnd, cast.end));
    this.#leadEdited = edited(
      this.#lead,
      cast.start,
      edits.filter((edit) => edit.end <= cast.textStart),
    );
    this.#tailEdited = edited(
      this.#tail,
      cast.textEnd,
      edits.filter((edit) => edit.start >= cast.textEnd),
    );
  }
}

function edited(part: Buffer, offset: number, edits: readonly Edit[]): Buffer | undefined {
  const moved = edits.map(({ start, end, bytes }) => ({ start: start - offset, end: end - offset, bytes }));
  return moved.length === 0 ? undefined : splice(part, moved);
}
