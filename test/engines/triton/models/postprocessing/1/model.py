"""The ensemble's way back from tokens to text."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "lib"))

import triton_python_backend_utils as pb_utils  # noqa: E402
from tensors import answer, words  # noqa: E402


class TritonPythonModel:
    def execute(self, requests):
        return [self.detokenize(request) for request in requests]

    @staticmethod
    def detokenize(request):
        ids, lengths = (pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in ("TOKENS_BATCH", "SEQUENCE_LENGTH"))
        rows = [["".join(map(chr, beam[:length])).encode() for beam, length in zip(*row)] for row in zip(ids, lengths)]
        return answer(words("OUTPUT", rows))
