"""Triton's vLLM backend in its tensors and with its three metrics."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "lib"))

import triton_python_backend_utils as pb_utils  # noqa: E402
from generating import Asked, Generating  # noqa: E402
from stand_in import pieces_of, plan  # noqa: E402
from tensors import answer, first, floats, texts, whole, words  # noqa: E402

COUNTERS = {
    "vllm:prompt_tokens_total": "Number of prefill tokens processed.",
    "vllm:generation_tokens_total": "Number of generation tokens processed.",
}


class TritonPythonModel(Generating):
    def initialize(self, args):
        super().initialize(args)
        labels = {"model": args["model_name"], "version": args["model_version"]}
        # A family that is collected takes its metrics with it.
        self.families = {
            name: pb_utils.MetricFamily(name=name, description=text, kind=pb_utils.MetricFamily.COUNTER) for name, text in COUNTERS.items()
        }
        self.metrics = {name: family.Metric(labels=labels) for name, family in self.families.items()}

    def read(self, request):
        (prompt,) = texts(request, "text_input")
        stream, exclude = bool(first(request, "stream", False)), first(request, "exclude_input_in_output")
        prepend = not stream if exclude is None else not bool(exclude)
        if prepend and stream:
            raise ValueError("When streaming, `exclude_input_in_output` = False is not allowed.")
        given = texts(request, "sampling_parameters")
        sampling = json.loads(given[0] if given else request.parameters())
        stop = sampling.get("stop") or []
        stop = [stop] if isinstance(stop, str) else stop
        pieces, reason = plan(prompt, int(sampling.get("max_tokens", 16)), stop, sampling.get("seed"))
        self.metrics["vllm:prompt_tokens_total"].increment(len(pieces_of(prompt)))
        asked = Asked(request, prompt, pieces, reason, stream, prepend)
        asked.alternatives = max(1, int(sampling.get("logprobs") or 0))
        return asked

    def show(self, asked, text, tokens, last):
        self.metrics["vllm:generation_tokens_total"].increment(tokens)
        shown = [words("text_output", [text.encode()])]
        for name, tensor in self.extras(asked, text, tokens, last):
            if first(asked.request, "return_" + name, False):
                shown.append(tensor)
        return answer(*shown)

    @staticmethod
    def extras(asked, text, tokens, last):
        yield "finish_reason", words("finish_reason", [(asked.reason if last else "None").encode()])
        yield "cumulative_logprob", floats("cumulative_logprob", [-0.5])
        ranks = range(1, asked.alternatives + 1)
        logprobs = [{str(rank): {"logprob": -0.5 * rank, "rank": rank, "decoded_token": text * rank} for rank in ranks}]
        yield "logprobs", words("logprobs", [json.dumps(logprobs).encode()])
        yield "num_input_tokens", whole("num_input_tokens", len(pieces_of(asked.prompt)), "uint32")
        yield "num_output_tokens", whole("num_output_tokens", [tokens], "uint32")
