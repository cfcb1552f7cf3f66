// SPDX-License-Identifier: MIT
// Runs a fuzz target on its seeds and on some random bytes, so that every build keeps the targets alive. libFuzzer brings its
// own main. Arguments: how many random inputs, and the folder of the seeds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run_seeds(const char* folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
}

// Bytes that mean something to a text are more likely than others.
void run_random_inputs(int count) {
  const std::vector<unsigned> interesting{'\n', '\r', ' ',  'a',  'b',  0x00, 0x85, 0xA0,
                                          0xBB, 0xBF, 0xC2, 0xE2, 0x80, 0xEF, 0xED, 0xF0};
  std::mt19937 random(1);
  for (int i = 0; i < count; ++i) {
    std::vector<std::uint8_t> bytes(random() % 24);
    for (auto& byte : bytes)
      byte = static_cast<std::uint8_t>(random() % 8 == 0 ? random() : interesting[random() % interesting.size()]);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  run_seeds(argv[2]);
  run_random_inputs(std::atoi(argv[1]));
}
