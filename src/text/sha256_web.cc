// SPDX-License-Identifier: MIT
// SHA-256 by a library of the page.
#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "text/hashes.h"

extern "C" {
// The 32 bytes of the digest of `size` bytes are written.
__attribute__((import_module("page"), import_name("sha256"))) void microgpt_page_sha256(const char* bytes, std::size_t size,
                                                                                        std::uint8_t* digest);
}

namespace microgpt {

std::string sha256(std::string_view bytes) {
  std::array<std::uint8_t, 32> digest;
  microgpt_page_sha256(bytes.data(), bytes.size(), digest.data());
  std::string digits;
  for (const std::uint8_t byte : digest) digits += fmt::format("{:02x}", byte);
  return digits;
}

}  // namespace microgpt
