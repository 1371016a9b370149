/** Makes the text of each frame what is new in it: some models repeat all of their answer, some begin with the prompt. */

/** Where a model's frames do not simply follow each other. */
export interface Manner {
  readonly accumulates: boolean;
  /** The prompt that comes before the answer; "" when it does not. */
  readonly echo: string;
}

export class TextFlow {
  readonly #accumulates: boolean;
  /** What is still expected of the prompt, and what of it has come. */
  #echo: string;
  #repeated = "";
  /** All that came so far, of a model that repeats it. */
  #before = "";

  constructor({ accumulates, echo }: Manner) {
    this.#accumulates = accumulates;
    this.#echo = echo;
  }

  /** What is new; undefined when a frame does not go on from the one before. */
  next(text: string): string | undefined {
    if (!this.#accumulates) return this.#echo === "" ? text : this.#withoutEcho(text);
    // Half a character at the end is written as a replacement and put right in the next frame.
    const whole = text.endsWith(REPLACEMENT) ? text.replace(REPLACEMENTS, "") : text;
    if (!whole.startsWith(this.#before)) return this.#before.startsWith(whole) ? "" : undefined;
    const fresh = whole.slice(this.#before.length);
    this.#before = whole;
    return this.#echo === "" ? fresh : this.#withoutEcho(fresh);
  }

  /** At the end: an answer that was only the beginning of the prompt is the model's own. */
  rest(): string {
    const rest = this.#echo === "" ? "" : this.#repeated;
    this.#repeated = "";
    return rest;
  }

  #withoutEcho(text: string): string {
    if (text.length < this.#echo.length && this.#echo.startsWith(text)) {
      this.#echo = this.#echo.slice(text.length);
      this.#repeated += text;
      return "";
    }
    const echo = this.#echo;
    const repeated = this.#repeated;
    this.#echo = "";
    this.#repeated = "";
    return text.startsWith(echo) ? text.slice(echo.length) : repeated + text;
  }
}

const REPLACEMENT = "\uFFFD";
const REPLACEMENTS = /\uFFFD+$/;
