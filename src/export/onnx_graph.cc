// SPDX-License-Identifier: MIT
#include "export/onnx_graph.h"

#include <fmt/format.h>

#include <bit>
#include <cassert>
#include <cmath>
#include <utility>

#include "microgpt/error.h"
#include "text/little_endian.h"

namespace microgpt {
namespace {

constexpr std::int64_t kFormatVersion = 8, kOpset = 17;

// The numbers of the fields in onnx.proto.
namespace model_field {
constexpr std::uint32_t kIrVersion = 1, kProducerName = 2, kDocString = 6, kGraph = 7, kOpsetImport = 8;
}
namespace opset_field {
constexpr std::uint32_t kVersion = 2;
}
namespace graph_field {
constexpr std::uint32_t kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12;
}
namespace node_field {
constexpr std::uint32_t kInput = 1, kOutput = 2, kName = 3, kOpType = 4, kAttribute = 5;
}
namespace attribute_field {
constexpr std::uint32_t kName = 1, kInteger = 3, kIntegers = 8, kType = 20;
constexpr std::int64_t kTypeInteger = 2, kTypeIntegers = 7;
}  // namespace attribute_field
namespace tensor_field {
constexpr std::uint32_t kDims = 1, kDataType = 2, kName = 8, kRawData = 9;
}
namespace value_field {
constexpr std::uint32_t kName = 1, kType = 2;
}
namespace type_field {  // of TypeProto, TypeProto.Tensor, TensorShapeProto and its Dimension
constexpr std::uint32_t kTensor = 1, kElement = 1, kShape = 2, kDimension = 1, kSize = 1, kParameter = 2;
}

ProtobufWriter attribute_message(const OnnxAttribute& attribute) {
  ProtobufWriter message;
  message.bytes(attribute_field::kName, attribute.name);
  if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    message.integer(attribute_field::kInteger, *integer);
    message.integer(attribute_field::kType, attribute_field::kTypeInteger);
    return message;
  }
  for (const std::int64_t each : std::get<std::vector<std::int64_t>>(attribute.value))
    message.integer(attribute_field::kIntegers, each);
  message.integer(attribute_field::kType, attribute_field::kTypeIntegers);
  return message;
}

ProtobufWriter dimension_message(const OnnxDimension& dimension) {
  ProtobufWriter message;
  if (const auto* size = std::get_if<std::size_t>(&dimension))
    message.integer(type_field::kSize, static_cast<std::int64_t>(*size));
  else
    message.bytes(type_field::kParameter, std::get<std::string>(dimension));
  return message;
}

ProtobufWriter value_message(const std::string& name, OnnxType type, const std::vector<OnnxDimension>& dimensions) {
  ProtobufWriter shape, tensor, of_type, value;
  for (const OnnxDimension& each : dimensions) shape.message(type_field::kDimension, dimension_message(each));
  tensor.integer(type_field::kElement, static_cast<std::int64_t>(type));
  tensor.message(type_field::kShape, shape);
  of_type.message(type_field::kTensor, tensor);
  value.bytes(value_field::kName, name);
  value.message(value_field::kType, of_type);
  return value;
}

float narrowed(const std::string& name, double value) {
  const auto narrow = static_cast<float>(value);
  if (std::isinf(narrow) && !std::isinf(value))
    throw Error(fmt::format("{} has {}, which single precision cannot hold: export in double precision", name, value));
  return narrow;
}

}  // namespace

std::string OnnxGraph::add(const std::string& operation, const std::vector<std::string>& inputs,
                           const std::vector<OnnxAttribute>& attributes, std::string output) {
  const std::string name = fmt::format("{}_{}", operation, ++operations_);
  if (output.empty()) output = name;
  ProtobufWriter node;
  for (const std::string& input : inputs) node.bytes(node_field::kInput, input);
  node.bytes(node_field::kOutput, output);
  node.bytes(node_field::kName, name);
  node.bytes(node_field::kOpType, operation);
  for (const OnnxAttribute& each : attributes) node.message(node_field::kAttribute, attribute_message(each));
  nodes_.message(graph_field::kNode, node);
  return output;
}

std::string OnnxGraph::add_tensor(const std::string& name, const std::vector<std::size_t>& shape, OnnxType type,
                                  std::string_view data) {
  ProtobufWriter tensor;
  for (const std::size_t size : shape) tensor.integer(tensor_field::kDims, static_cast<std::int64_t>(size));
  tensor.integer(tensor_field::kDataType, static_cast<std::int64_t>(type));
  tensor.bytes(tensor_field::kName, name);
  tensor.bytes(tensor_field::kRawData, data);
  constants_.message(graph_field::kInitializer, tensor);
  return name;
}

std::string OnnxGraph::add_numbers(const std::string& name, const std::vector<std::size_t>& shape,
                                   std::span<const double> values) {
  std::string data;
  data.reserve(values.size() * (numbers_ == OnnxType::float64 ? sizeof(double) : sizeof(float)));
  for (const double value : values) {
    if (numbers_ == OnnxType::float64)
      append_little_endian(data, std::bit_cast<std::uint64_t>(value));
    else
      append_little_endian(data, std::bit_cast<std::uint32_t>(narrowed(name, value)));
  }
  return add_tensor(name, shape, numbers_, data);
}

std::string OnnxGraph::add_integers(const std::string& name, const std::vector<std::size_t>& shape,
                                    std::span<const std::int64_t> values) {
  std::string data;
  for (const std::int64_t value : values) append_little_endian(data, static_cast<std::uint64_t>(value));
  return add_tensor(name, shape, OnnxType::int64, data);
}

void OnnxGraph::add_input(const std::string& name, OnnxType type, const std::vector<OnnxDimension>& shape) {
  inputs_.message(graph_field::kInput, value_message(name, type, shape));
}

void OnnxGraph::add_output(const std::string& name, OnnxType type, const std::vector<OnnxDimension>& shape) {
  outputs_.message(graph_field::kOutput, value_message(name, type, shape));
}

std::string OnnxGraph::take(std::string_view name, std::string_view description) {
  std::string graph = nodes_.take();
  ProtobufWriter graph_name, opset, model;
  graph_name.bytes(graph_field::kName, name);
  for (ProtobufWriter* fields : {&graph_name, &constants_, &inputs_, &outputs_}) graph += fields->take();
  opset.integer(opset_field::kVersion, kOpset);
  model.integer(model_field::kIrVersion, kFormatVersion);
  model.bytes(model_field::kProducerName, "microgpt");
  model.bytes(model_field::kDocString, description);
  model.message(model_field::kOpsetImport, opset);
  model.bytes(model_field::kGraph, graph);
  return model.take();
}

}  // namespace microgpt
