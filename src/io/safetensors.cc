// SPDX-License-Identifier: MIT
#include "io/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "io/file.h"
#include "io/json.h"
#include "text/little_endian.h"

namespace microgpt {
namespace {

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr std::size_t kAlignment = 8;
constexpr std::size_t kSizeBytes = 8;  // of the header's size

const char* dtype(Precision precision) { return precision == Precision::float32 ? "F32" : "F64"; }

double largest(Precision precision) {
  return precision == Precision::float32 ? static_cast<double>(std::numeric_limits<float>::max())
                                         : std::numeric_limits<double>::max();
}

std::string element_name(const std::string& tensor, std::size_t columns, std::size_t i) {
  return fmt::format("{}[{}][{}]", quote(tensor), i / columns, i % columns);
}

// --- Writing ---

std::string header_of(std::span<const TensorToWrite> tensors, const SafetensorsMetadata& metadata) {
  Json header;
  Json& about = header[kMetadataKey] = Json::object();
  for (const auto& [key, value] : metadata) about[key] = value;
  std::size_t offset = 0;
  for (const TensorToWrite& tensor : tensors) {
    const std::size_t end = offset + tensor.size() * bytes_per_element(tensor.precision);
    header[tensor.name] = Json::object({{"dtype", dtype(tensor.precision)},
                                        {"shape", Json::array({tensor.rows, tensor.columns})},
                                        {"data_offsets", Json::array({offset, end})}});
    offset = end;
  }
  std::string text = dump(header, std::nullopt, JsonCharacters::utf8);
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  return text;
}

void append_element(std::string& bytes, double value, Precision precision) {
  if (precision == Precision::float32)
    append_little_endian(bytes, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  else
    append_little_endian(bytes, std::bit_cast<std::uint64_t>(value));
}

void require_storable(const std::string& name, const TensorToWrite& tensor, std::size_t i) {
  const double value = tensor.values[i];
  if (!(std::abs(value) <= largest(tensor.precision)))
    throw Error(fmt::format("cannot write {}: {} is {}, which is not a finite {}; nothing was saved", name,
                            element_name(tensor.name, tensor.columns, i), value, dtype(tensor.precision)));
}

void write_elements(const std::string& name, const TensorToWrite& tensor, const std::function<void(std::string_view)>& write) {
  assert(tensor.values.size() == tensor.size());
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  std::string bytes;
  for (std::size_t i = 0; i < tensor.values.size(); ++i) {
    require_storable(name, tensor, i);
    append_element(bytes, tensor.values[i], tensor.precision);
    if (bytes.size() < kPiece) continue;
    write(bytes);
    bytes.clear();
  }
  write(bytes);
}

// --- Reading ---

std::uint64_t header_size_of(const std::string& name, std::string_view bytes) {
  if (bytes.size() < kSizeBytes) throw damaged(fmt::format("{} has {} bytes, too few for a model", name, bytes.size()));
  const auto size = load_little_endian<std::uint64_t>(bytes, 0);
  if (size > Safetensors::kMaxHeaderSize)
    throw damaged(fmt::format("{}: its header has {} bytes, more than the {} that are possible", name, size,
                              Safetensors::kMaxHeaderSize));
  if (size > bytes.size() - kSizeBytes)
    throw damaged(fmt::format("{} is cut off: its header has {} bytes, and the file {}", name, size, bytes.size()));
  return size;
}

SafetensorsMetadata metadata_of(const std::string& where, const Json& value) {
  if (!value.is_object()) throw damaged(fmt::format("{} is no JSON object", where));
  SafetensorsMetadata metadata;
  for (const auto& [key, ignored] : value.fields()) metadata.emplace(key, text_field(where, value, key));
  return metadata;
}

Precision precision_of(const std::string& where, const Json& value) {
  const std::string text = text_field(where, value, "dtype");
  for (const Precision precision : {Precision::float32, Precision::float64})
    if (text == dtype(precision)) return precision;
  throw damaged(fmt::format("{} is of the type {}, and not F32 or F64", where, quote(text)));
}

std::pair<std::size_t, std::size_t> pair_field(const std::string& where, const Json& value, std::string_view key) {
  const Json& pair = json_field(where, value, key);
  if (!pair.is_array() || pair.elements().size() != 2 || !pair.elements()[0].is_whole() || !pair.elements()[1].is_whole())
    throw damaged(fmt::format("{}: {} is not two whole numbers of 0 or more", where, quote(key)));
  return {pair.elements()[0].whole(), pair.elements()[1].whole()};
}

// Whether rows * columns is `count`, however large they claim to be.
bool makes(std::size_t rows, std::size_t columns, std::size_t count) {
  if (rows == 0 || columns == 0) return count == 0;
  return count % rows == 0 && count / rows == columns;
}

StoredTensor tensor_of(const std::string& file, const std::string& name, const Json& value, std::size_t data_size) {
  const std::string where = fmt::format("{}: the tensor {}", file, quote(name));
  require_fields_among(where, value, {"dtype", "shape", "data_offsets"});
  const Precision precision = precision_of(where, value);
  const auto [rows, columns] = pair_field(where, value, "shape");
  const auto [begin, end] = pair_field(where, value, "data_offsets");
  if (begin > end || end > data_size)
    throw damaged(
        fmt::format("{} is said to be at the bytes {} to {} of the data, which has {}", where, begin, end, data_size));
  const std::size_t element = bytes_per_element(precision);
  if ((end - begin) % element != 0 || !makes(rows, columns, (end - begin) / element))
    throw damaged(
        fmt::format("{} has {} bytes, and the shape [{}, {}] of {}", where, end - begin, rows, columns, dtype(precision)));
  return {name, rows, columns, precision, begin};
}

std::size_t end_of(const StoredTensor& tensor) { return tensor.offset + tensor.size() * bytes_per_element(tensor.precision); }

double element_at(std::string_view bytes, std::size_t at, Precision precision) {
  if (precision == Precision::float32)
    return static_cast<double>(std::bit_cast<float>(load_little_endian<std::uint32_t>(bytes, at)));
  return std::bit_cast<double>(load_little_endian<std::uint64_t>(bytes, at));
}

}  // namespace

std::size_t bytes_per_element(Precision precision) {
  return precision == Precision::float32 ? sizeof(std::uint32_t) : sizeof(std::uint64_t);
}

void write_safetensors(const std::string& name, std::span<const TensorToWrite> tensors, const SafetensorsMetadata& metadata,
                       const std::function<void(std::string_view)>& write) {
  const std::string header = header_of(tensors, metadata);
  std::string size;
  append_little_endian(size, static_cast<std::uint64_t>(header.size()));
  write(size);
  write(header);
  std::vector<double> values;
  for (const TensorToWrite& tensor : tensors) {
    if (!tensor.read_values) {
      write_elements(name, tensor, write);
      continue;
    }
    values.resize(tensor.size());
    tensor.read_values(values);
    TensorToWrite with_values = tensor;
    with_values.values = values;
    write_elements(name, with_values, write);
  }
}

Safetensors Safetensors::parse(std::string name, std::string bytes) {
  Safetensors file;
  file.name_ = std::move(name);
  file.bytes_ = std::move(bytes);
  const std::size_t header_size = header_size_of(file.name_, file.bytes_);
  file.data_begin_ = kSizeBytes + header_size;
  const std::string where = file.name_ + ": the header";
  const Json header = parse_json(where, std::string_view(file.bytes_).substr(kSizeBytes, header_size));
  if (!header.is_object()) throw damaged(fmt::format("{} is no JSON object", where));
  for (const auto& [key, value] : header.fields()) {
    if (key == kMetadataKey)
      file.metadata_ = metadata_of(fmt::format("{}: {}", file.name_, kMetadataKey), value);
    else
      file.tensors_.push_back(tensor_of(file.name_, key, value, file.data_size()));
  }
  std::sort(file.tensors_.begin(), file.tensors_.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  file.require_end_to_end();
  return file;
}

// Each byte of the data belongs to one tensor.
void Safetensors::require_end_to_end() const {
  std::vector<const StoredTensor*> in_order;
  for (const StoredTensor& tensor : tensors_) in_order.push_back(&tensor);
  const auto extent = [](const StoredTensor* tensor) { return std::pair(tensor->offset, end_of(*tensor)); };
  std::sort(in_order.begin(), in_order.end(), [&](const auto* a, const auto* b) { return extent(a) < extent(b); });
  std::size_t end = 0;
  for (const StoredTensor* tensor : in_order) {
    if (tensor->offset != end)
      throw damaged(fmt::format("{}: the tensor {} begins at byte {} of the data, and the one before it ends at {}", name_,
                                quote(tensor->name), tensor->offset, end));
    end = end_of(*tensor);
  }
  if (end != data_size())
    throw damaged(fmt::format("{}: the tensors end at byte {} of the data, which has {}", name_, end, data_size()));
}

const StoredTensor* Safetensors::find(std::string_view tensor_name) const {
  const auto found = std::lower_bound(tensors_.begin(), tensors_.end(), tensor_name,
                                      [](const StoredTensor& tensor, std::string_view name) { return tensor.name < name; });
  return found != tensors_.end() && found->name == tensor_name ? &*found : nullptr;
}

void Safetensors::copy(const StoredTensor& tensor, std::span<double> to) const {
  assert(to.size() == tensor.size());
  const std::size_t begin = data_begin_ + tensor.offset;
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] = element_at(bytes_, begin + i * bytes_per_element(tensor.precision), tensor.precision);
    if (!std::isfinite(to[i]))
      throw damaged(fmt::format("{}: {} is {}", name_, element_name(tensor.name, tensor.columns, i), to[i]));
  }
}

}  // namespace microgpt
