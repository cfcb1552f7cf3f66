# SPDX-License-Identifier: MIT
"""Runs a graph of ONNX with numpy, as far as the graphs of `microgpt export` go: each operation as its document says, the types
kept. Debian's python3-onnx reads and checks files, and runs none.
"""
import numpy as np
from onnx import helper, numpy_helper


def softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def gather(data, indices, axis=0):
    if indices.size and (indices.min() < -data.shape[axis] or indices.max() >= data.shape[axis]):
        raise IndexError(f"an index of {indices.max()} among {data.shape[axis]}")
    return np.take(data, indices, axis=axis)


def reshape(data, shape):
    return data.reshape([data.shape[i] if size == 0 else size for i, size in enumerate(shape)])


OPERATIONS = {
    "Add": lambda a, b: a + b,
    "Concat": lambda *parts, axis: np.concatenate(parts, axis=axis),
    "Div": lambda a, b: a / b,
    "Expand": lambda x, shape: np.broadcast_to(x, np.broadcast_shapes(x.shape, tuple(shape))),
    "Gather": gather,
    "MatMul": lambda a, b: a @ b,
    "Mul": lambda a, b: a * b,
    "Range": lambda begin, end, step: np.arange(begin, end, step),
    "ReduceMean": lambda x, axes, keepdims: x.mean(axis=tuple(axes), keepdims=bool(keepdims), dtype=x.dtype),
    "Relu": lambda x: np.maximum(x, 0),
    "Reshape": reshape,
    "Shape": lambda x: np.array(x.shape, dtype=np.int64),
    "Softmax": softmax,
    "Sqrt": np.sqrt,
    "Sub": lambda a, b: a - b,
    "Transpose": lambda x, perm: x.transpose(perm),
    "Trilu": lambda x, k, upper: np.triu(x, k) if upper else np.tril(x, k),
    "Unsqueeze": lambda x, axes: np.expand_dims(x, tuple(axes)),
}


def run(model, inputs):
    """The outputs by their names. Inputs are arrays by their names, of the types that the graph has for them."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    values.update(inputs)
    for node in model.graph.node:
        attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        values[node.output[0]] = OPERATIONS[node.op_type](*(values[name] for name in node.input), **attributes)
    return {output.name: values[output.name] for output in model.graph.output}
