"""An encoder of token ids, as a BERT is exported: ids and a mask in, a unit vector out."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "lib"))

import triton_python_backend_utils as pb_utils  # noqa: E402
from stand_in import vector  # noqa: E402
from tensors import answer, floats  # noqa: E402

DIMENSIONS = 384


class TritonPythonModel:
    def execute(self, requests):
        return [self.encode(request) for request in requests]

    @staticmethod
    def encode(request):
        ids, mask = (pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in ("input_ids", "attention_mask"))
        rows = [" ".join("t%d" % token for token, counts in zip(*row) if counts) for row in zip(ids, mask)]
        return answer(floats("sentence_embedding", [vector(row, DIMENSIONS) for row in rows]))
