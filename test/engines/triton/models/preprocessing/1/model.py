"""The ensemble's tokenizer: one token for each character, so that it can be undone."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "lib"))

import numpy as np  # noqa: E402
import triton_python_backend_utils as pb_utils  # noqa: E402
from tensors import answer, texts, whole  # noqa: E402


class TritonPythonModel:
    def execute(self, requests):
        return [self.tokenize(request) for request in requests]

    @staticmethod
    def tokenize(request):
        rows = [[ord(c) for c in text] for text in texts(request, "QUERY")]
        ids = np.zeros((len(rows), max(1, *map(len, rows))), dtype=np.int32)
        for at, row in enumerate(rows):
            ids[at, : len(row)] = row
        stops = [[ord(c) for c in "\0".join(texts(request, "STOP_WORDS_DICT"))] or [0]] * len(rows)
        length = pb_utils.get_input_tensor_by_name(request, "REQUEST_OUTPUT_LEN").as_numpy()
        return answer(
            whole("INPUT_ID", ids),
            whole("REQUEST_INPUT_LEN", [[len(row)] for row in rows]),
            whole("REQUEST_OUTPUT_LEN", length),
            whole("STOP_WORDS_IDS", stops),
        )
