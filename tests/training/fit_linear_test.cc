// SPDX-License-Identifier: MIT
#include "training/fit_linear.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "random/python_random.h"

namespace microgpt::fit_linear_test {
namespace {

constexpr std::string_view kLetters = "abcdefgh";

// Words of all letters in which one pair of letters occurs, and where: what tells them apart is no single letter.
std::string words_with(std::string_view pair, std::size_t count, std::uint64_t seed) {
  PythonRandom random(seed);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    std::string word;
    for (std::size_t n = 4 + random.randbelow(6); n > 0; --n) word += kLetters[random.randbelow(kLetters.size())];
    text += word.insert(random.randbelow(word.size()), pair) + "\n";
  }
  return text;
}

TokenizedDocuments tokenized(const std::string& text, const Tokenizer& tokenizer) {
  const Corpus corpus = Corpus::from_lines("test", text);
  std::vector<std::size_t> all(corpus.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return {corpus, tokenizer, all};
}

class FitLinear : public ::testing::Test {
 protected:
  const Tokenizer tokenizer_{Corpus::from_lines("test", "abcdefgh\n")};
  const TokenizedDocuments ab_ = tokenized(words_with("ab", 600, 1), tokenizer_);
  const TokenizedDocuments ba_ = tokenized(words_with("ba", 600, 2), tokenizer_);
  const std::vector<ClassDocuments> classes_{{&ab_, ab_.size()}, {&ba_, ba_.size()}};
};

TEST_F(FitLinear, TellsApartWhatItWasNotTrainedOn) {
  const LinearModel model = fit_linear_model(classes_, tokenizer_.vocab_size(), 7);
  std::size_t right = 0, all = 0;
  for (const bool is_first : {true, false}) {
    const TokenizedDocuments others = tokenized(words_with(is_first ? "ab" : "ba", 400, is_first ? 3 : 4), tokenizer_);
    for (std::size_t d = 0; d < others.size(); ++d) {
      const std::vector<double> logarithms = linear_evidence(model, others, d);
      EXPECT_NEAR(std::exp(logarithms[0]) + std::exp(logarithms[1]), 1.0, 1e-12);
      right += (logarithms[0] > logarithms[1]) == is_first ? 1U : 0U;
      ++all;
    }
  }
  EXPECT_GT(right, all * 85 / 100);  // some have the other pair by chance, too
}

// Unlike those of others, which make one space of a run (findings/scikit_characters_are_not_all.sh).
TEST(FitLinearOfSpaces, ReadsEachOfThem) {
  const Tokenizer tokenizer(Corpus::from_lines("test", "a b\n"));
  const auto lines_with = [](const std::string& spaces, std::size_t first) {
    std::string lines;
    for (std::size_t i = first; i < first + 40; ++i)
      lines += std::string(1 + i % 7, 'a') + spaces + std::string(1 + i % 9, 'b') + "\n";
    return lines;
  };
  const TokenizedDocuments one = tokenized(lines_with(" ", 0), tokenizer), two = tokenized(lines_with("  ", 0), tokenizer);
  const LinearModel model =
      fit_linear_model(std::vector<ClassDocuments>{{&one, one.size()}, {&two, two.size()}}, tokenizer.vocab_size(), 1);
  const TokenizedDocuments other_one = tokenized(lines_with(" ", 40), tokenizer),
                           other_two = tokenized(lines_with("  ", 40), tokenizer);
  for (std::size_t d = 0; d < 40; ++d) {
    EXPECT_GT(linear_evidence(model, other_one, d)[0], std::log(0.5)) << d;
    EXPECT_GT(linear_evidence(model, other_two, d)[1], std::log(0.5)) << d;
  }
}

TEST_F(FitLinear, EndsWithWhatTheCheckThrows) {
  struct Enough {};
  std::size_t checks = 0;
  const auto check = [&checks] {
    if (++checks == 3) throw Enough{};
  };
  EXPECT_THROW(fit_linear_model(classes_, tokenizer_.vocab_size(), 7, check), Enough);
  EXPECT_EQ(checks, 3U);
}

TEST_F(FitLinear, DependsOnTheSeedAloneAndOnTheFirstDocuments) {
  const auto bytes = [&](const std::vector<ClassDocuments>& classes, std::uint64_t seed) {
    return fit_linear_model(classes, tokenizer_.vocab_size(), seed).to_bytes();
  };
  EXPECT_EQ(bytes(classes_, 7), bytes(classes_, 7));
  EXPECT_NE(bytes(classes_, 7), bytes(classes_, 8));
  EXPECT_NE(bytes(classes_, 7), bytes({{&ab_, 100}, {&ba_, ba_.size()}}, 7));
}

TEST_F(FitLinear, TakesClassesOfVeryDifferentSizes) {
  const LinearModel model =
      fit_linear_model(std::vector<ClassDocuments>{{&ab_, 5}, {&ba_, ba_.size()}, {&ab_, 0}}, tokenizer_.vocab_size(), 1);
  const std::vector<double> logarithms = linear_evidence(model, ba_, 0);
  EXPECT_GT(logarithms[1], logarithms[0]);
  EXPECT_GT(linear_evidence(model, ab_, 0)[0], std::log(5.0 / 605.0) + 1.0) << "what is rare is known, too";
  for (const double logarithm : logarithms) EXPECT_TRUE(std::isfinite(logarithm));
}

}  // namespace
}  // namespace microgpt::fit_linear_test
