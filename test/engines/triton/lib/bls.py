"""TensorRT-LLM's `tensorrt_llm_bls` in its tensors: no reason why it ended, the stop word in the text, and each frame the whole text so far if told so."""

from generating import Asked, Generating
from stand_in import pieces_of, plan
from tensors import answer, first, floats, parameter, texts, whole, words


class Bls(Generating):
    def initialize(self, args):
        super().initialize(args)
        self.accumulates = parameter(args, "accumulate_tokens") == "true"

    def read(self, request):
        (prompt,) = texts(request, "text_input")
        stream, exclude = bool(first(request, "stream", False)), bool(first(request, "exclude_input_in_output", False))
        limit, seed = int(first(request, "max_tokens")), int(first(request, "seed", 0))
        pieces, reason = plan(prompt, limit, texts(request, "stop_words"), seed, keep_stop=True)
        return Asked(request, prompt, pieces, reason, stream, not stream and not exclude)

    def show(self, asked, text, tokens, _last):
        asked.so_far = asked.so_far + text if self.accumulates else text
        shown = [
            words("text_output", [[asked.so_far.encode()]]),
            floats("cum_log_probs", [[0.0]]),
            floats("output_log_probs", [[[0.0]]]),
            whole("batch_index", [[0]]),
            whole("sequence_index", [[0]]),
        ]
        if first(asked.request, "return_num_input_tokens", False):
            shown.append(whole("num_input_tokens", [[len(pieces_of(asked.prompt))]]))
        if first(asked.request, "return_num_output_tokens", False):
            shown.append(whole("num_output_tokens", [[tokens]]))
        return answer(*shown)
