// SPDX-License-Identifier: MIT
#include "training/default_context.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace microgpt::default_context_test {
namespace {

std::size_t context_of(const Corpus& corpus, double held_out = 0.0) {
  TrainingRunOptions options;
  options.held_out = held_out;
  const std::array corpora{&corpus};
  return default_context(corpora, options);
}

TEST(DefaultContext, HoldsTheLongestDocumentThatIsTrainedOn) {
  EXPECT_EQ(context_of(Corpus::from_lines("test", "ab\nabcd\na\n")), 5U);
  EXPECT_EQ(context_of(Corpus::from_lines("test", "\u4e2d\u6587\n")), 3U) << "characters, not bytes";
  EXPECT_EQ(context_of(embedded_names()), 16U);
  std::string text;
  for (int i = 0; i < 200; ++i) text += std::string(static_cast<std::size_t>(i + 1), 'a') + "\n";
  const Corpus corpus = Corpus::from_lines("test", text);
  EXPECT_EQ(context_of(corpus), 201U);
  EXPECT_LT(context_of(corpus, 0.4), 201U) << "the longest is held out with this seed";
}

TEST(DefaultContext, IsOfBothCorporaAndNotTooLong) {
  const Corpus one = Corpus::from_lines("test", "ab\n"), other = Corpus::from_lines("test", "abcdefg\n");
  TrainingRunOptions options;
  options.held_out = 0.0;
  EXPECT_EQ(default_context(std::array{&one, &other}, options), 8U);
  EXPECT_EQ(context_of(Corpus::from_lines("test", std::string(5000, 'x') + "\n")), kMostDefaultContext);
  EXPECT_EQ(context_of(Corpus::from_text("test", "abc")), kDefaultTextContext);
}

}  // namespace
}  // namespace microgpt::default_context_test
