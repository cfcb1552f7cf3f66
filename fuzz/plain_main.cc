// SPDX-License-Identifier: MIT
// Runs a fuzz target on some random bytes, so that every build keeps the targets alive. libFuzzer brings its own main.
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main() {
  // Bytes that mean something to a text are more likely than others.
  const std::vector<unsigned> interesting{'\n', '\r', ' ',  'a',  'b',  0x00, 0x85, 0xA0,
                                          0xBB, 0xBF, 0xC2, 0xE2, 0x80, 0xEF, 0xED, 0xF0};
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::uint8_t> bytes(random() % 24);
    for (auto& byte : bytes)
      byte = static_cast<std::uint8_t>(random() % 8 == 0 ? random() : interesting[random() % interesting.size()]);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
}
