"""Reading and writing Triton's tensors in a line each."""

import json

import numpy as np
import triton_python_backend_utils as pb_utils

FINAL = pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL


def values(request, name):
    found = pb_utils.get_input_tensor_by_name(request, name)
    return [] if found is None else list(found.as_numpy().reshape(-1))


def first(request, name, default=None):
    found = values(request, name)
    return found[0] if found else default


def texts(request, name):
    return [value.decode() for value in values(request, name)]


def floats(name, value):
    return pb_utils.Tensor(name, np.asarray(value, dtype=np.float32))


def whole(name, value, kind=np.int32):
    return pb_utils.Tensor(name, np.asarray(value, dtype=kind))


def words(name, value):
    return pb_utils.Tensor(name, np.asarray(value, dtype=np.object_))


def answer(*tensors):
    return pb_utils.InferenceResponse(output_tensors=list(tensors))


def failure(text, cancelled=False):
    code = pb_utils.TritonError.CANCELLED if cancelled else pb_utils.TritonError.INTERNAL
    return pb_utils.InferenceResponse(output_tensors=[], error=pb_utils.TritonError(text, code))


def parameter(args, name):
    return json.loads(args["model_config"])["parameters"][name]["string_value"]
