/** How much of a text's end may be the beginning of one of some words. */

/** Length of the longest end of `text` that begins one of `words` without being all of it. */
export function heldBack(text: string, words: readonly string[]): number {
  let most = 0;
  for (const word of words) {
    for (let length = Math.min(word.length - 1, text.length); length > most; length -= 1) {
      if (text.endsWith(word.slice(0, length))) {
        most = length;
        break;
      }
    }
  }
  return most;
}
