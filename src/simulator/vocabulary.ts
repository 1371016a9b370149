/** The words a simulated model knows, by their place in a sentence; each is one token, with and without a leading space. */

export const DETERMINERS = ["the", "a", "every", "no", "this", "that", "another", "one"] as const;

export const ADJECTIVES = [
  "quiet", "northern", "early", "plain", "patient", "narrow", "warm", "silver", "honest", "distant", "careful", "slow",
  "bright", "hidden", "open", "steady", "small", "green", "old", "gentle", "late", "deep", "light", "royal",
] as const; // prettier-ignore

export const NOUNS = [
  "harbour", "letter", "river", "garden", "clerk", "bridge", "lantern", "market", "valley", "station", "window", "charter",
  "orchard", "ledger", "tower", "village", "road", "winter", "engine", "bailiff", "district", "border", "sea", "morning",
] as const; // prettier-ignore

export const VERBS = [
  "keeps", "follows", "carries", "answers", "remembers", "crosses", "opens", "measures", "guards", "finds", "holds", "reads",
  "leaves", "counts", "greets", "serves", "watches", "returns",
] as const; // prettier-ignore

export const PREPOSITIONS = ["near", "behind", "beyond", "under", "before", "after", "within", "beside", "without", "along"] as const;

const OTHERS = [
  "The", "A", "Every", "No", "This", "That", "Another", "One", "and", "or", "but", "of", "to", "in", "is", "are", "was", "you", "me",
  "it", "for", "on", "with", "as", "at", "be", "by", "from", "not", "what", "which", "who", "how", "say", "hello", "Hello", "world",
  "user", "assistant", "system", "tool", "name", "arguments", "true", "false", "null", "please", "write", "about", "I",
] as const; // prettier-ignore

/** Every known word, in the order of its token ids. */
export const WORDS: readonly string[] = [
  ...new Set<string>([...DETERMINERS, ...ADJECTIVES, ...NOUNS, ...VERBS, ...PREPOSITIONS, ...OTHERS]),
];
