// SPDX-License-Identifier: MIT
// The safetensors format: named tensors in one file, to which every framework has a reader.
//
// Eight bytes with the size of the header, little end first; the header, JSON such as
//     {"__metadata__":{"format":"pt"},"wte":{"dtype":"F32","shape":[27,16],"data_offsets":[0,1728]},...}
// padded with spaces to a multiple of 8 bytes; and the tensors' elements, little end first, row by row, end to end without gaps
// in the order of their offsets. Source: the format's description at https://github.com/huggingface/safetensors.
//
// Read and written are matrices of F32 and F64. What is read is trusted in nothing: an offset, a shape or a size that does not
// agree with the others is an Error that names the file and the tensor, and no more memory is taken than in proportion to the
// bytes that are there. Elements are finite: those that are not are neither written nor read.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

// In which precision elements are stored. In memory they are doubles, which hold both exactly.
enum class Precision {
  float32,
  float64,
};

std::size_t bytes_per_element(Precision precision);

using SafetensorsMetadata = std::map<std::string, std::string>;

struct TensorToWrite {
  std::string name;
  std::size_t rows;
  std::size_t columns;
  Precision precision;
  std::span<const double> values;                           // [rows][columns]; or empty, and
  std::function<void(std::span<double>)> read_values = {};  // gives them when they are written

  std::size_t size() const { return rows * columns; }
};

// Hands the file to `write`, piece by piece. `name` stands for it in error messages.
// Throws Error: an element that is not finite, or too large for its precision; what `write` throws.
// REQUIRES: the names differ, are valid UTF-8, and none is "__metadata__"; the values, where there are any, are size().
void write_safetensors(const std::string& name, std::span<const TensorToWrite> tensors, const SafetensorsMetadata& metadata,
                       const std::function<void(std::string_view)>& write);

struct StoredTensor {
  std::string name;
  std::size_t rows;
  std::size_t columns;
  Precision precision;
  std::size_t offset;  // of its first byte in the data

  // Does not overflow.
  std::size_t size() const { return rows * columns; }
};

// A file that was read. It does not change; any number of threads may read it.
class Safetensors {
 public:
  // The header may have so many bytes: enough for ten times the tensors of the largest model.
  static constexpr std::size_t kMaxHeaderSize = std::size_t{1} << 23;

  // Throws Error: `bytes` is not a whole, valid file, or has a tensor that is no matrix of F32 or F64. `name` stands for the
  // file in error messages, here and in copy(). The elements are not looked at yet.
  static Safetensors parse(std::string name, std::string bytes);

  const std::string& name() const { return name_; }
  const SafetensorsMetadata& metadata() const { return metadata_; }
  std::span<const StoredTensor> tensors() const { return tensors_; }  // in the order of their names

  // Nothing where there is no tensor of the name.
  const StoredTensor* find(std::string_view tensor_name) const;

  // The elements as doubles. Throws Error: one is not finite. REQUIRES: `tensor` is one of tensors(), `to` has its size().
  void copy(const StoredTensor& tensor, std::span<double> to) const;

 private:
  std::size_t data_size() const { return bytes_.size() - data_begin_; }
  void require_end_to_end() const;

  std::string name_;
  std::string bytes_;
  std::size_t data_begin_ = 0;
  SafetensorsMetadata metadata_;
  std::vector<StoredTensor> tensors_;
};

}  // namespace microgpt
