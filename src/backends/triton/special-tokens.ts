/**
 * Texts that a model's tokenizer turns into turn marks and the like. In a caller's words they are opened with a space, so that a tokenizer
 * reads text where it would have read a mark, and nobody who may only fill in a message can forge another turn.
 */
import type { ChatTemplate } from "../../domain/fleet.ts";
import type { Members } from "./body.ts";

/** `<|im_start|>` and its kin, in ASCII and in the full-width bars that some models use: marks in every tokenizer that has them. */
const BARRED = "<[|｜][^<>|｜\\n]{1,64}[|｜]>";
/** What in a template's source looks like a mark: `<s>`, `</s>`, `<start_of_turn>`, `[INST]`, `<<SYS>>`. */
const SHOWN = /<<\/?[A-Z]{2,16}>>|<\/?[A-Za-z_][\w-]{0,40}>|\[\/?[A-Z][A-Z_]{1,40}\]/g;
/** Reasoning stands in a caller's own history and opens no turn; templates look for it there. */
const HARMLESS: ReadonlySet<string> = new Set(["<think>", "</think>"]);

export class SpecialTokens {
  readonly #marks: RegExp;
  /** With what marks begin: a text without any of these has none, and to find that out costs next to nothing. */
  readonly #starts: readonly string[];

  constructor(template: ChatTemplate, more: readonly string[]) {
    const shown = `${template.source}${template.toolSource ?? ""}`.match(SHOWN) ?? [];
    const named = [template.bosToken, template.eosToken, ...more].filter((token) => token.length > 1);
    const literals = [...new Set([...named, ...shown])].filter((token) => !HARMLESS.has(token)).sort((a, b) => b.length - a.length);
    this.#starts = [...new Set(["<", ...literals.map((token) => token.slice(0, 1))])];
    this.#marks = new RegExp([BARRED, ...literals.map(literal)].join("|"), "g");
  }

  /** The text without any mark in it. */
  opened(text: string): string {
    if (!this.#starts.some((start) => text.includes(start)) || text.search(this.#marks) < 0) return text;
    const once = text.replace(this.#marks, open);
    // Marks may overlap, and only the first of two was found.
    return once.search(this.#marks) < 0 ? once : this.opened(once);
  }

  /** The same for every text inside an object, names of members included. */
  openedIn(value: object): Members {
    return Object.fromEntries(Object.entries(value).map(([name, each]: [string, unknown]) => [this.opened(name), this.#value(each)]));
  }

  #value(value: unknown): unknown {
    if (typeof value === "string") return this.opened(value);
    if (Array.isArray(value)) return value.map((each: unknown) => this.#value(each));
    return typeof value === "object" && value !== null ? this.openedIn(value) : value;
  }
}

/** A text as a pattern that matches nothing else. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function open(mark: string): string {
  return `${mark.slice(0, 1)} ${mark.slice(1)}`;
}
