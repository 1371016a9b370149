"""An encoder of texts: a unit vector for each, and how many tokens it had. A text may ask it to fail or to be slow."""

import time
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "lib"))

from stand_in import number, pieces_of, vector  # noqa: E402
from tensors import answer, failure, floats, texts, whole  # noqa: E402

DIMENSIONS = 384


class TritonPythonModel:
    def execute(self, requests):
        return [self.encode(texts(request, "TEXT")) for request in requests]

    @staticmethod
    def encode(rows):
        if any("[[fail]]" in row for row in rows):
            return failure("the stand-in fails, as it was told")
        time.sleep(sum(number(row, "delay_ms") or 0 for row in rows) / 1e3)
        vectors = floats("EMBEDDING", [vector(row, DIMENSIONS) for row in rows])
        return answer(vectors, whole("TOKENS", [[len(pieces_of(row))] for row in rows]))
