// SPDX-License-Identifier: MIT
#include "export/protobuf_writer.h"

namespace microgpt {
namespace {

constexpr std::uint64_t kVarint = 0, kBytes = 2;  // the types of what follows

std::uint64_t tag(std::uint32_t field, std::uint64_t type) { return std::uint64_t{field} << 3 | type; }

}  // namespace

// Seven bits at a time, the lowest first; the highest bit of a byte says that another follows.
void ProtobufWriter::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
  text_ += static_cast<char>(value);
}

void ProtobufWriter::integer(std::uint32_t field, std::int64_t value) {
  varint(tag(field, kVarint));
  varint(static_cast<std::uint64_t>(value));
}

void ProtobufWriter::bytes(std::uint32_t field, std::string_view value) {
  varint(tag(field, kBytes));
  varint(value.size());
  text_ += value;
}

}  // namespace microgpt
