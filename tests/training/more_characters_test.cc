// SPDX-License-Identifier: MIT
#include "training/more_characters.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "support/models.h"

namespace microgpt::more_characters_test {
namespace {

constexpr Config kConfig{.vocab_size = 4, .n_layer = 2, .n_embd = 8, .n_head = 2, .block_size = 6};

std::vector<double> logits_after(const InitialModel& model, const std::string& text) {
  Config config = kConfig;
  config.vocab_size = model.tokenizer.vocab_size();
  const auto engine = make_fast_engine(config, {});
  engine->load(model.parameters);
  const auto stream = engine->open_stream();
  const std::vector<Token> tokens = model.tokenizer.encode(text);
  std::span<const double> logits;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) logits = stream->feed(tokens[i]);
  return {logits.begin(), logits.end()};
}

// Before, between and after those that it has: what it says of those is as it was.
TEST(MoreCharacters, KeepWhatTheModelKnows) {
  const InitialModel model{Tokenizer(Corpus::from_lines("old", "bdf\n")), testing::random_parameters(kConfig, 1)};
  const InitialModel more = with_characters_of(Corpus::from_lines("new", "abcg\n"), model, kConfig, 3);
  EXPECT_EQ(more.tokenizer.characters(), U"abcdfg");
  const std::vector<double> before = logits_after(model, "bfd"), after = logits_after(more, "bfd");
  ASSERT_EQ(after.size(), 7U);
  EXPECT_EQ((std::vector<double>{after[1], after[3], after[4], after[6]}), before);
  for (const std::size_t added : {0U, 2U, 5U}) EXPECT_TRUE(std::isfinite(after[added]) && after[added] != 0.0);
}

TEST(MoreCharacters, NoneAreNoChange) {
  const InitialModel model{Tokenizer(Corpus::from_lines("old", "bdf\n")), testing::random_parameters(kConfig, 1)};
  EXPECT_EQ(with_characters_of(Corpus::from_lines("new", "fb\n"), model, kConfig, 3).parameters, model.parameters);
}

}  // namespace
}  // namespace microgpt::more_characters_test
