import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "lib"))

from bls import Bls  # noqa: E402


class TritonPythonModel(Bls):
    pass
