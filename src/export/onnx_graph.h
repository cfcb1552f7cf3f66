// SPDX-License-Identifier: MIT
// A graph of ONNX as it is built: constants, operations, inputs and outputs, each value by its name; and the bytes of its file.
//
// Opset 17 and the version 8 of the format, which onnxruntime has read since 2022. The fields are those of onnx.proto.
// Source: https://github.com/onnx/onnx/blob/main/docs/IR.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "export/protobuf_writer.h"

namespace microgpt {

// What the elements of a tensor are, by the numbers of TensorProto.DataType.
enum class OnnxType : std::int64_t {
  float32 = 1,
  int64 = 7,
  float64 = 11,
};

// A size, or the name of one that is known when the graph runs.
using OnnxDimension = std::variant<std::size_t, std::string>;

struct OnnxAttribute {
  std::string name;
  std::variant<std::int64_t, std::vector<std::int64_t>> value;
};

class OnnxGraph {
 public:
  // `numbers` is the type of the numbers that are no integers. REQUIRES: float32 or float64.
  explicit OnnxGraph(OnnxType numbers) : numbers_(numbers) {}

  // Adds an operation of one output, and returns the output's name: the given one, or one of its own.
  std::string add(const std::string& operation, const std::vector<std::string>& inputs,
                  const std::vector<OnnxAttribute>& attributes = {}, std::string output = "");

  // Adds a tensor of the shape, which is a scalar where it is empty, and returns its name. Throws Error where a number is too
  // large for the type. REQUIRES: as many values as the shape has; infinite ones are taken.
  std::string add_numbers(const std::string& name, const std::vector<std::size_t>& shape, std::span<const double> values);
  std::string add_integers(const std::string& name, const std::vector<std::size_t>& shape,
                           std::span<const std::int64_t> values);

  OnnxType numbers() const { return numbers_; }
  void add_input(const std::string& name, OnnxType type, const std::vector<OnnxDimension>& shape);
  void add_output(const std::string& name, OnnxType type, const std::vector<OnnxDimension>& shape);

  // The file. Nothing may be asked of the graph after that.
  std::string take(std::string_view name, std::string_view description);

 private:
  std::string add_tensor(const std::string& name, const std::vector<std::size_t>& shape, OnnxType type, std::string_view data);

  OnnxType numbers_;
  std::size_t operations_ = 0;
  ProtobufWriter nodes_, constants_, inputs_, outputs_;  // fields of GraphProto
};

}  // namespace microgpt
