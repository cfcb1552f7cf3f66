// SPDX-License-Identifier: MIT
// Any bytes are the files of a model or an Error; a file that is read can be written again, and is then the same.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fuzz.h"
#include "io/safetensors.h"
#include "model/saved_model.h"
#include "text/little_endian.h"

namespace {

const microgpt::Config kConfig{.vocab_size = 3, .n_layer = 1, .n_embd = 1, .n_head = 1, .block_size = 2};

using microgpt::fuzz::allow_error;
using microgpt::fuzz::edited;
using microgpt::fuzz::require;

std::string write(std::span<const microgpt::TensorToWrite> tensors, const microgpt::SafetensorsMetadata& metadata) {
  std::string bytes;
  microgpt::write_safetensors("output", tensors, metadata, [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

std::string valid_file() {
  const microgpt::ParameterTable table(kConfig);
  const std::vector<double> parameters(table.parameter_count(), 0.5);
  std::vector<microgpt::TensorToWrite> tensors;
  for (const auto& tensor : table.tensors())
    tensors.push_back({tensor.name, tensor.rows, tensor.columns, microgpt::Precision::float32,
                       std::span(parameters).subspan(tensor.offset, tensor.size())});
  return write(tensors, {{"format", "pt"}});
}

std::string with_header(const std::string& header) {
  std::string bytes;
  microgpt::append_little_endian(bytes, std::uint64_t{header.size()});
  return bytes + header + std::string(64, '\0');
}

void check_parameters(const microgpt::Safetensors& file) {
  const microgpt::ParameterTable table(kConfig);
  const std::vector<double> parameters = microgpt::parameters_of(file, table);
  require(parameters.size() == table.parameter_count());
  require(std::all_of(parameters.begin(), parameters.end(), [](double x) { return std::isfinite(x); }));
}

void check_written_again(const microgpt::Safetensors& file) {
  std::vector<std::vector<double>> values;
  for (const auto& tensor : file.tensors()) file.copy(tensor, values.emplace_back(tensor.size()));
  std::vector<microgpt::TensorToWrite> tensors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& tensor = file.tensors()[i];
    tensors.push_back({tensor.name, tensor.rows, tensor.columns, tensor.precision, values[i]});
  }
  const auto again = microgpt::Safetensors::parse("output", write(tensors, file.metadata()));
  require(again.metadata() == file.metadata() && again.tensors().size() == values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::vector<double> copy(again.tensors()[i].size());
    again.copy(again.tensors()[i], copy);
    require(copy == values[i] && again.tensors()[i].name == file.tensors()[i].name);
  }
}

void check_tensors(const std::string& bytes) {
  allow_error([&] {
    const auto file = microgpt::Safetensors::parse("input", bytes);
    allow_error([&] { check_written_again(file); });
    check_parameters(file);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string valid = valid_file();
  const std::string input(data, data + size);
  check_tensors(input);
  check_tensors(with_header(input));
  check_tensors(edited(valid, input));
  check_tensors(valid.substr(0, valid.size() - std::min(size, valid.size())));
  return 0;
}
