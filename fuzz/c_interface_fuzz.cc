// SPDX-License-Identifier: MIT
// The interface for C: documents and options of any bytes give a result or an error, and never both or none.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz.h"
#include "microgpt.h"

namespace {

constexpr std::string_view kLines = "anna\nemma\notto\nzo\xC3\xAB\nhannah\n";

using microgpt::fuzz::require;

// What is made once: a context, and a model that is trained in a moment.
struct Fixture {
  microgpt_context* context = microgpt_new();
  microgpt_model* model =
      microgpt_train(context, kLines.data(), kLines.size(),
                     R"({"num_steps": 2, "n_embd": 8, "n_layer": 1, "n_head": 2, "held_out": 0, "threads": 1})");
  microgpt_scorer* scorer = microgpt_scorer_new(context, model, nullptr);
};

void expect_error_or(const Fixture& fixture, bool has_result) {
  require(has_result == std::string_view(microgpt_error(fixture.context)).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture;
  require(fixture.scorer != nullptr);
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: {
      const char* const document = text.data();
      const std::size_t bytes = text.size();
      double bits = -1.0;
      const int failed = microgpt_score(fixture.context, fixture.scorer, &document, &bytes, 1, &bits);
      expect_error_or(fixture, failed == 0);
      require(failed != 0 || bits >= 0.0);
      break;
    }
    case 1: {
      microgpt_scorer* const scorer = microgpt_scorer_new(fixture.context, fixture.model, text.c_str());
      expect_error_or(fixture, scorer != nullptr);
      microgpt_scorer_free(scorer);
      break;
    }
    case 2: {
      char* const json = microgpt_explain(fixture.context, fixture.model, text.data(), text.size(), R"({"attention": true})");
      expect_error_or(fixture, json != nullptr);
      microgpt_text_free(json);
      break;
    }
    default: {
      char* const json = microgpt_explain(fixture.context, fixture.model, "anna", 4, text.c_str());
      expect_error_or(fixture, json != nullptr);
      microgpt_text_free(json);
    }
  }
  return 0;
}
