"""The ensemble's engine: token ids in and out, and the stop word among them."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "lib"))

from generating import Asked, Generating  # noqa: E402
from stand_in import plan  # noqa: E402
from tensors import answer, first, floats, values, whole  # noqa: E402


class TritonPythonModel(Generating):
    def read(self, request):
        ids = values(request, "input_ids")[: int(first(request, "input_lengths"))]
        prompt = "".join(map(chr, ids))
        stops = [word for word in "".join(map(chr, values(request, "stop_words_list"))).split("\0") if word]
        stream, exclude = bool(first(request, "streaming", False)), bool(first(request, "exclude_input_in_output", False))
        limit, seed = int(first(request, "request_output_len")), int(first(request, "seed", 0))
        pieces, reason = plan(prompt, limit, stops, seed, keep_stop=True)
        return Asked(request, prompt, pieces, reason, stream, not stream and not exclude)

    def show(self, asked, text, tokens, _last):
        ids = [ord(c) for c in text]
        return answer(
            whole("output_ids", [[ids or [0]]]),
            whole("sequence_length", [[len(ids)]]),
            floats("cum_log_probs", [[0.0]]),
            floats("output_log_probs", [[[0.0]]]),
            whole("batch_index", [[0]]),
            whole("sequence_index", [[0]]),
            whole("num_input_tokens", [[len(asked.prompt)]]),
            whole("num_output_tokens", [[tokens]]),
        )
