// SPDX-License-Identifier: MIT
// What fuzz targets share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "microgpt/error.h"
#include "text/little_endian.h"

namespace microgpt::fuzz {

// Ends the process, which is how a target says that something is wrong.
inline void require(bool holds) {
  if (!holds) std::abort();
}

// Errors are an answer to bad input. They are one line, and not as long as the input.
template <typename Act>
void allow_error(Act act) {
  try {
    act();
  } catch (const Error& error) {
    const std::string_view message = error.what();
    require(message.find('\n') == std::string_view::npos && message.size() < 1000);
  }
}

// A valid text with some bytes replaced: of each three bytes of `edits` two say where, and one what must stand there.
inline std::string edited(std::string text, std::string_view edits) {
  for (std::size_t i = 0; i + 3 <= edits.size(); i += 3)
    text[load_little_endian<std::uint16_t>(edits, i) % text.size()] = edits[i + 2];
  return text;
}

// Takes an input apart, from its front. Where nothing is left, all numbers are 0.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  std::size_t byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::size_t between(std::size_t low, std::size_t high) { return low + byte() % (high - low + 1); }

  // Up to the next zero byte, which is left out.
  std::string_view text() {
    const std::string_view text = rest_.substr(0, rest_.find('\0'));
    rest_.remove_prefix(text.size() + (text.size() < rest_.size() ? 1 : 0));
    return text;
  }

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace microgpt::fuzz
