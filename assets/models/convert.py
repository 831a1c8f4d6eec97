#!/usr/bin/env python3
"""Converts the models of MediaPipe from TensorFlow Lite to ONNX, with weights of 16 bits: convert.py IN.tflite OUT.onnx

Needs numpy, onnx and tflite (the schema) from PyPI. The same file always gives the same bytes. Inside, pictures are planes
(NCHW), as ONNX wants them; the input becomes planes, results keep their shape where they are lists.
"""

import sys

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

NUMBERS = {0: np.float32, 1: np.float16, 2: np.int32, 3: np.uint8, 4: np.int64, 9: np.int8}
OPERATORS = {code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)}
CUSTOM = 32
# Arrays larger than this are kept in 16 bits.
SMALL = 64


def padding(size, kernel, stride, dilation=1):
    """How TensorFlow pads with "same": the odd pixel at the end."""
    reach = (kernel - 1) * dilation + 1
    steps = -(-size // stride)
    whole = max((steps - 1) * stride + reach - size, 0)
    return whole // 2, whole - whole // 2


class Converter:
    def __init__(self, model):
        self.model = model
        self.graph = model.Subgraphs(0)
        self.nodes, self.arrays = [], []
        # By number of a tensor: its name, and whether it is of planes.
        self.names, self.planes = {}, {}
        self.constants = {}
        self.count = 0
        for index in range(self.graph.TensorsLength()):
            tensor = self.graph.Tensors(index)
            buffer = model.Buffers(tensor.Buffer())
            if buffer.DataLength():
                assert tensor.Sparsity() is None, "sparse weights"
                data = np.frombuffer(buffer.DataAsNumpy().tobytes(), NUMBERS[tensor.Type()])
                self.constants[index] = data.reshape(self.shape(index))

    def shape(self, index):
        tensor = self.graph.Tensors(index)
        return [tensor.Shape(axis) for axis in range(tensor.ShapeLength())]

    def fresh(self, prefix="t"):
        self.count += 1
        return f"{prefix}{self.count}"

    def array(self, name, values):
        values = np.ascontiguousarray(values)
        if values.dtype == np.float32 and values.size > SMALL:
            self.arrays.append(numpy_helper.from_array(values.astype(np.float16), name + "_h"))
            self.nodes.append(helper.make_node("Cast", [name + "_h"], [name], to=TensorProto.FLOAT))
        else:
            self.arrays.append(numpy_helper.from_array(values, name))
        return name

    def node(self, operator, inputs, **attributes):
        output = self.fresh()
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def activated(self, name, activation):
        if activation == 0:
            return name
        assert activation == 1, f"activation {activation}"
        return self.node("Relu", [name])

    def value(self, index):
        """A tensor, or a constant laid out as planes."""
        if index not in self.constants:
            return self.names[index]
        values = self.constants[index].astype(np.float32)
        if values.ndim == 4:
            values = values.transpose(0, 3, 1, 2)
        elif values.ndim == 1 and values.size > 1:
            values = values.reshape(1, -1, 1, 1)
        elif values.ndim == 3:
            values = values.transpose(2, 0, 1)[None]
        return self.array(self.fresh("k"), values)

    def pads(self, options, index, kernel, stride, dilation=(1, 1)):
        if options.Padding() != 0:
            return [0] * 4
        _, height, width, _ = self.shape(index)
        top, bottom = padding(height, kernel[0], stride[0], dilation[0])
        left, right = padding(width, kernel[1], stride[1], dilation[1])
        return [top, left, bottom, right]

    def convolution(self, options, inputs):
        weights = self.constants[inputs[1]].transpose(0, 3, 1, 2).astype(np.float32)
        stride = [options.StrideH(), options.StrideW()]
        dilation = [options.DilationHFactor(), options.DilationWFactor()]
        pads = self.pads(options, inputs[0], weights.shape[2:], stride, dilation)
        operands = [self.names[inputs[0]], self.array(self.fresh("w"), weights)]
        if len(inputs) > 2 and inputs[2] >= 0:
            operands.append(self.array(self.fresh("b"), self.constants[inputs[2]].astype(np.float32)))
        name = self.node(
            "Conv", operands, kernel_shape=list(weights.shape[2:]), strides=stride, dilations=dilation, pads=pads
        )
        return self.activated(name, options.FusedActivationFunction())

    def depthwise(self, options, inputs):
        weights = self.constants[inputs[1]].astype(np.float32).transpose(3, 0, 1, 2)
        stride = [options.StrideH(), options.StrideW()]
        pads = self.pads(options, inputs[0], weights.shape[2:], stride)
        operands = [self.names[inputs[0]], self.array(self.fresh("w"), weights)]
        operands.append(self.array(self.fresh("b"), self.constants[inputs[2]].astype(np.float32)))
        group = self.shape(inputs[0])[3]
        name = self.node(
            "Conv", operands, kernel_shape=list(weights.shape[2:]), strides=stride, pads=pads, group=group
        )
        return self.activated(name, options.FusedActivationFunction())

    def transposed_convolution(self, inputs, output):
        weights = self.constants[inputs[1]].astype(np.float32).transpose(3, 0, 1, 2)
        after, before, kernel = self.shape(output), self.shape(inputs[0]), weights.shape[2]
        stride = after[1] // before[1] if after and before[1] else 2
        whole = max(kernel - stride, 0)
        operands = [self.names[inputs[0]], self.array(self.fresh("w"), weights)]
        operands.append(self.array(self.fresh("b"), self.constants[inputs[2]].astype(np.float32)))
        pads = [whole // 2, whole // 2, whole - whole // 2, whole - whole // 2]
        return self.node(
            "ConvTranspose", operands, kernel_shape=list(weights.shape[2:]), strides=[stride, stride], pads=pads
        )

    def pool(self, operator, options, inputs):
        _, height, width, _ = self.shape(inputs[0])
        kernel, stride = [options.FilterHeight(), options.FilterWidth()], [options.StrideH(), options.StrideW()]
        if operator == "AVERAGE_POOL_2D":
            assert kernel == [height, width], "an average over less than everything"
            return self.node("GlobalAveragePool", [self.names[inputs[0]]])
        pads = self.pads(options, inputs[0], kernel, stride)
        return self.node("MaxPool", [self.names[inputs[0]]], kernel_shape=kernel, strides=stride, pads=pads)

    def operator(self, number):
        """Converts one operator; gives the name of its result and whether that is of planes."""
        operator = self.graph.Operators(number)
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        builtin = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        kind = OPERATORS[builtin] if builtin != CUSTOM else code.CustomCode().decode()
        inputs = [operator.Inputs(i) for i in range(operator.InputsLength())]
        output = operator.Outputs(0)
        first = inputs[0]

        def options(form):
            read, table = form(), operator.BuiltinOptions()
            read.Init(table.Bytes, table.Pos)
            return read

        if kind == "DEQUANTIZE":
            self.constants[output] = self.constants[first].astype(np.float32)
            return None
        if kind == "CONV_2D":
            return self.convolution(options(tflite.Conv2DOptions), inputs), True
        if kind == "DEPTHWISE_CONV_2D":
            return self.depthwise(options(tflite.DepthwiseConv2DOptions), inputs), True
        if kind == "Convolution2DTransposeBias":
            return self.transposed_convolution(inputs, output), True
        if kind in ("ADD", "MUL"):
            name = self.node({"ADD": "Add", "MUL": "Mul"}[kind], [self.value(first), self.value(inputs[1])])
            return self.activated(name, options(tflite.AddOptions).FusedActivationFunction()), True
        if kind == "PRELU":
            slopes = self.constants[inputs[1]].astype(np.float32)
            per_channel = slopes.size == slopes.shape[-1]
            slopes = slopes.reshape(-1, 1, 1) if per_channel else slopes.transpose(2, 0, 1)
            return self.node("PRelu", [self.names[first], self.array(self.fresh("a"), slopes)]), True
        if kind == "RELU":
            return self.node("Relu", [self.names[first]]), True
        if kind == "LOGISTIC":
            return self.node("Sigmoid", [self.names[first]]), self.planes[first]
        if kind == "HARD_SWISH":
            gate = self.node("HardSigmoid", [self.names[first]], alpha=1 / 6, beta=0.5)
            return self.node("Mul", [self.names[first], gate]), True
        if kind in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
            return self.pool(kind, options(tflite.Pool2DOptions), inputs), True
        if kind == "PAD":
            pairs = self.constants[inputs[1]].reshape(-1, 2)
            pads = [0] * 8
            for axis, plane_axis in enumerate([0, 2, 3, 1]):
                pads[plane_axis], pads[4 + plane_axis] = int(pairs[axis][0]), int(pairs[axis][1])
            amounts = self.array(self.fresh("p"), np.array(pads, np.int64))
            return self.node("Pad", [self.names[first], amounts], mode="constant"), True
        if kind == "RESIZE_BILINEAR":
            how, before, after = options(tflite.ResizeBilinearOptions), self.shape(first), self.shape(output)
            mode = "align_corners" if how.AlignCorners() else "half_pixel" if how.HalfPixelCenters() else "asymmetric"
            scales = np.array([1, 1, after[1] / before[1], after[2] / before[2]], np.float32)
            operands = [self.names[first], "", self.array(self.fresh("s"), scales)]
            return self.node("Resize", operands, mode="linear", coordinate_transformation_mode=mode), True
        if kind == "RESHAPE":
            name = self.names[first]
            if self.planes[first] and len(self.shape(first)) == 4:
                name = self.node("Transpose", [name], perm=[0, 2, 3, 1])
            shape = self.array(self.fresh("s"), np.array(self.shape(output), np.int64))
            return self.node("Reshape", [name, shape]), False
        if kind == "CONCATENATION":
            axis = options(tflite.ConcatenationOptions).Axis()
            if len(self.shape(output)) == 4:
                axis = {0: 0, 1: 2, 2: 3, 3: 1}[axis % 4]
            return self.node("Concat", [self.names[i] for i in inputs], axis=axis), self.planes[first]
        raise NotImplementedError(kind)

    def convert(self):
        first = self.graph.Inputs(0)
        batch, height, width, channels = self.shape(first)
        self.names[first], self.planes[first] = "input", True
        for number in range(self.graph.OperatorsLength()):
            converted = self.operator(number)
            if converted is not None:
                output = self.graph.Operators(number).Outputs(0)
                self.names[output], self.planes[output] = converted
        results = []
        for number in range(self.graph.OutputsLength()):
            index = self.graph.Outputs(number)
            shape = self.shape(index)
            self.nodes.append(helper.make_node("Identity", [self.names[index]], [f"out{number}"]))
            if self.planes[index]:
                shape = [shape[0], shape[3], shape[1], shape[2]]
            results.append(helper.make_tensor_value_info(f"out{number}", TensorProto.FLOAT, shape))
        given = [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, channels, height, width])]
        graph = helper.make_graph(self.nodes, "g", given, results, self.arrays)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
        onnx.checker.check_model(model)
        return model


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        original = tflite.Model.GetRootAsModel(file.read(), 0)
    onnx.save(Converter(original).convert(), sys.argv[2])
