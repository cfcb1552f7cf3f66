// SPDX-License-Identifier: MIT
// Any bytes are train_state.json or an Error, and so is a valid one with some bytes replaced; what is read is written as a text
// that says the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz.h"
#include "training/train_state.h"

namespace microgpt::fuzz {
namespace {

std::string valid_state() {
  TrainState state;
  state.corpus.path = "names.txt";
  state.corpus.sha256 = std::string(64, 'a');
  state.init = ModelSource{"model", std::string(64, 'b')};
  state.command_line = "microgpt train names.txt";
  state.corpus.division.group = "^(.)";
  state.corpus.division.test = FileSource{"test.txt", std::string(64, 'c')};
  state.long_documents = {.longer = 1, .documents = 2, .longest = 3};
  return train_state_to_json(state);
}

void check(const std::string& text) {
  allow_error([&] {
    const std::string again = train_state_to_json(train_state_from_json("input", text));
    require(train_state_to_json(train_state_from_json("output", again)) == again);
  });
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace microgpt::fuzz;
  static const std::string valid = valid_state();
  const std::string input(reinterpret_cast<const char*>(data), size);
  check(input);
  check(edited(valid, input));
  return 0;
}
