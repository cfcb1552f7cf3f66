// SPDX-License-Identifier: MIT
// The wire format of protocol buffers, as far as ONNX needs it: fields of integers, of bytes and texts, and of other messages.
//
// A message is its fields, end to end. A field is its number and the type of what follows, as one varint, and then a varint, or
// the length of bytes and they themselves. Source: the format's description at
// https://protobuf.dev/programming-guides/encoding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace microgpt {

class ProtobufWriter {
 public:
  // A field that may be there several times is appended once for each. REQUIRES: field is at least 1.
  void integer(std::uint32_t field, std::int64_t value);
  void bytes(std::uint32_t field, std::string_view value);
  void message(std::uint32_t field, const ProtobufWriter& value) { bytes(field, value.text_); }

  const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  void varint(std::uint64_t value);

  std::string text_;
};

}  // namespace microgpt
