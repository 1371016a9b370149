"""What the test models behind Triton have instead of weights: the same prompt, seed and limits always give the same pieces.

The server, its HTTP frontend, its scheduler and its ensembles are real; only what the models say is made up. A prompt steers them:

  [[say:TEXT]]       answer with exactly TEXT
  [[prompt]]         answer with the prompt itself, which shows what a template made of a conversation
  [[tokens:N]]       answer with N words
  [[delay_ms:N]]     wait N ms before every piece
  [[fail_after:N]]   fail after N pieces (0: before the first)

Told to count ("Count from 1 to …") they count for long; anything else they answer in a sentence. A prompt of more tokens than
their context they refuse, as an engine does.
"""

import asyncio
import random
import re
import threading
import zlib

WORDS = (
    "a law says where the data may go and an engine in that place answers so that each hospital bank or ministry knows "
    "who has read its words while the gateway counts every token once and tells nobody else"
).split()
PIECE = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")


CONTEXT, COUNTED = 4096, 3000


class Cancelled(Exception):
    """The caller has gone."""


def pieces_of(text):
    return PIECE.findall(text)


def number(prompt, name):
    found = re.search(r"\[\[%s:(\d+)\]\]" % name, prompt)
    return int(found.group(1)) if found else None


def plan(prompt, limit, stop=(), seed=0, keep_stop=False):
    """Pieces and why they end. TensorRT-LLM's models show the stop word itself, vLLM's do not: keep_stop."""
    given = len(pieces_of(prompt))
    if given > CONTEXT:
        raise ValueError("The decoder prompt (length %d) is longer than the maximum model length of %d." % (given, CONTEXT))
    said, count = re.search(r"\[\[say:(.*?)\]\]", prompt, re.S), number(prompt, "tokens")
    if count is None and "Count from" in prompt:
        count = COUNTED
    rng = random.Random(zlib.crc32(prompt.encode()) ^ int(seed or 0))
    if said:
        pieces = pieces_of(said.group(1))
    elif "[[prompt]]" in prompt:
        pieces = pieces_of(prompt)
    else:
        pieces = [" " + rng.choice(WORDS) for _ in range(6 + rng.randrange(10) if count is None else count)]
    reason = "stop"
    if len(pieces) > limit:
        pieces, reason = pieces[:limit], "length"
    return cut_at_stop(pieces, reason, stop, keep_stop)


def cut_at_stop(pieces, reason, stop, keep_stop):
    text = "".join(pieces)
    found = [(text.find(word), word) for word in stop if word and word in text]
    if not found:
        return pieces, reason
    at, word = min(found)
    end, kept = at + (len(word) if keep_stop else 0), []
    for piece in pieces:
        if end <= 0:
            break
        # A tokenizer knows no stop words: the piece in which one ends is shown whole.
        kept.append(piece if keep_stop else piece[:end])
        end -= len(piece)
    return kept, "stop"


async def spoken(prompt, pieces, sender, delay_s):
    """The pieces, one after the other, each after its delay; at least one, which may be empty."""
    fail_after, delay_ms = number(prompt, "fail_after"), number(prompt, "delay_ms")
    for at, piece in enumerate(pieces or [""]):
        if at == fail_after:
            raise RuntimeError("the stand-in fails after %d tokens, as it was told" % at)
        await asyncio.sleep(delay_s if delay_ms is None else delay_ms / 1e3)
        if sender.is_cancelled():
            raise Cancelled
        yield piece


class Loop:
    """An event loop on a thread of its own, so that execute() never blocks."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def spawn(self, coroutine):
        asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)


def vector(text, dimensions):
    """A unit vector of hashed words: like texts get like vectors."""
    import numpy as np

    sums = np.zeros(dimensions, dtype=np.float32)
    for piece in pieces_of(text.lower()):
        hashed = zlib.crc32(piece.strip().encode())
        sums[hashed % dimensions] += 1.0 if hashed & 0x10000 else -1.0
    length = float(np.linalg.norm(sums))
    if length == 0.0:
        sums[0] = length = 1.0
    return sums / length
