"""TensorRT-LLM's model for its LLM API in its tensors: each parameter an input of its own, and no counts of tokens."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "lib"))

from generating import Asked, Generating  # noqa: E402
from stand_in import plan  # noqa: E402
from tensors import answer, first, texts, words  # noqa: E402


class TritonPythonModel(Generating):
    def read(self, request):
        (prompt,) = texts(request, "text_input")
        stream, exclude = bool(first(request, "streaming", False)), bool(first(request, "sampling_param_exclude_input_from_output", True))
        limit, seed = int(first(request, "sampling_param_max_tokens", 32)), int(first(request, "sampling_param_seed", 0))
        pieces, reason = plan(prompt, limit, texts(request, "sampling_param_stop"), seed)
        return Asked(request, prompt, pieces, reason, stream, not stream and not exclude)

    def show(self, asked, text, _tokens, last):
        shown = [words("text_output", [text.encode()])]
        if first(asked.request, "return_finish_reason", False):
            shown.append(words("finish_reason", [(asked.reason if last else "None").encode()]))
        return answer(*shown)
