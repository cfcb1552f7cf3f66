// SPDX-License-Identifier: MIT
#include "inference/sample_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

#include "microgpt/error.h"
#include "scoring/line_scorer.h"
#include "support/length.h"
#include "support/models.h"

namespace microgpt::sample_search_test {
namespace {

const Config kConfig{.vocab_size = 5, .n_layer = 2, .n_embd = 8, .n_head = 2, .block_size = 6};

const Tokenizer& tokenizer() {
  static const Tokenizer made = Tokenizer::from_characters(U" abc");
  return made;
}

// Some engines with the same parameters.
class Engines {
 public:
  explicit Engines(std::size_t count) {
    while (engines_.size() < count) {
      engines_.push_back(make_fast_engine(kConfig));
      engines_.back()->load(testing::random_parameters(kConfig, 7, 0.5));
      pointers_.push_back(engines_.back().get());
    }
  }
  std::span<Engine* const> all() const { return pointers_; }

 private:
  std::vector<std::unique_ptr<Engine>> engines_;
  std::vector<Engine*> pointers_;
};

struct Found {
  std::vector<std::string> texts;
  std::vector<double> nats;
  SearchResult result;
};

Found find(const SearchOptions& options, std::size_t engines = 1) {
  Found found;
  found.result = find_documents(Engines(engines).all(), tokenizer(), options, [&](const FoundDocument& document) {
    found.texts.push_back(document.text);
    found.nats.push_back(document.loss.nats);
  });
  return found;
}

// The documents 0, 1 ... of the sampler, as texts.
std::vector<std::string> sampled(std::size_t count, const SamplerOptions& options) {
  std::vector<std::string> texts;
  sample_documents(*Engines(1).all().front(), tokenizer().bos(), count, options,
                   [&](std::span<const Token> tokens, double) { texts.push_back(tokenizer().decode(tokens)); });
  return texts;
}

std::string stripped(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
}

TEST(SampleSearch, WithoutConstraintsTakesTheSamplersDocuments) {
  std::vector<std::string> expected = sampled(300, {.temperature = 1.0});
  EXPECT_EQ(find({.sampler = {.temperature = 1.0}, .kind = CorpusKind::text, .count = 300}).texts, expected);
  for (std::string& text : expected) text = stripped(text);
  const Found lines = find({.sampler = {.temperature = 1.0}, .count = 300});
  EXPECT_EQ(lines.texts, expected);
  EXPECT_EQ(lines.result.found, 300U);
  EXPECT_EQ(lines.result.attempts, 300U);
}

// Where there is no automaton.
TEST(SampleSearch, TakesTheFirstThatMeetTheConstraints) {
  constexpr std::size_t kBudget = 50'000;
  const SamplerOptions sampler{.temperature = 3.0, .max_length = 12};
  std::vector<std::string> expected;
  std::set<std::string> seen;
  std::size_t attempts = 0;
  for (const std::string& text : sampled(kBudget, sampler)) {
    if (expected.size() == 100) break;
    ++attempts;
    const std::string document = stripped(text);
    if (document.find("ab") != std::string::npos && document.ends_with("c") && seen.insert(document).second)
      expected.push_back(document);
  }
  ASSERT_EQ(expected.size(), 100U);
  SearchOptions options{.sampler = sampler, .count = 100, .budget = kBudget};
  options.constraints = {
      .contains = "ab", .pattern = std::make_shared<const Pattern>(".*c\\b", Encoding::utf8), .unique = true};
  for (const std::size_t engines : {1U, 2U, 3U, 7U}) {
    const Found found = find(options, engines);
    EXPECT_EQ(found.texts, expected) << engines;
    EXPECT_EQ(found.result.attempts, attempts) << engines;
  }
}

std::vector<Token> tokens_of(const std::string& text) {
  const std::vector<Token> tokens = tokenizer().encode(text);
  return {tokens.begin() + 1, tokens.end() - 1};
}

TEST(SampleSearch, EachAttemptMatches) {
  const auto matching = [](const std::string& pattern) {
    SearchOptions options{.sampler = {.temperature = 2.0, .min_length = 5, .max_length = 8}, .count = 300, .budget = 300};
    options.constraints = {.contains = "ab", .pattern = std::make_shared<const Pattern>(pattern, Encoding::utf8)};
    return options;
  };
  for (const char* pattern : {"(c|b).*c", ".*", "[^c]{6,}", "c*a?b?a b a?b?", "(ab )+ab"}) {
    const SearchOptions options = matching(pattern);
    const Found found = find(options);
    EXPECT_EQ(found.result.found, 300U) << pattern;
    for (const std::string& text : found.texts) {
      ASSERT_TRUE(meets(options.constraints, text)) << pattern << ": " << text;
      ASSERT_LE(text.size(), 8U) << text;
    }
    EXPECT_EQ(find(options, 3).texts, found.texts);
  }
  for (const char* pattern : {"z", "[0-9]+", " ab.*", "(ab){5}"}) EXPECT_THROW(find(matching(pattern)), Error) << pattern;
  SearchOptions prompted = matching("a.*");
  prompted.sampler.prompt = tokens_of("b");
  EXPECT_THROW(find(prompted), Error) << "it begins with b";
  for (const double temperature : {0.0, 1.0}) {  // white space before a document counts for its length
    SearchOptions spaced{
        .sampler = {.temperature = temperature, .prompt = tokens_of("  a"), .max_length = 6}, .count = 50, .budget = 50};
    spaced.constraints.pattern = std::make_shared<const Pattern>("ab*c?", Encoding::utf8);
    EXPECT_EQ(find(spaced).result.found, 50U);
    spaced.constraints.pattern = std::make_shared<const Pattern>("a....", Encoding::utf8);
    EXPECT_THROW(find(spaced), Error);
  }
  prompted.sampler.prompt = tokens_of("a");
  EXPECT_EQ(find(prompted).result.found, 300U);
}

using Shares = std::map<std::string, double>;

Shares shares_of(const std::vector<std::string>& texts) {
  Shares shares;
  for (const std::string& text : texts) shares[text] += 1.0 / static_cast<double>(texts.size());
  return shares;
}

// Half of the sum of the differences.
double distance(const Shares& a, const Shares& b) {
  Shares all = a;
  for (const auto& [text, share] : b) all[text] -= share;
  double sum = 0.0;
  for (const auto& [text, share] : all) sum += std::abs(share) / 2.0;
  return sum;
}

// Whatever the filter and the lengths; and those that are drawn to match are near to it.
TEST(SampleSearch, ExactDocumentsHaveTheDistributionOfThoseThatHappenToMatch) {
  const auto pattern = [](const char* text) { return std::make_shared<const Pattern>(text, Encoding::utf8); };
  std::vector<std::pair<SamplerOptions, Constraints>> cases{
      {{.temperature = 1.0, .filter = {.top_k = 4}, .max_length = 5}, {.contains = "ab"}},
      {{.temperature = 1.0, .filter = {.top_p = 0.9}, .max_length = 5}, {.contains = "b"}},
      {{.temperature = 1.5, .filter = {.min_p = 0.3}, .min_length = 2, .max_length = 4}, {.pattern = pattern(".*b")}},
      {{.temperature = 1.0, .prompt = tokens_of(" a"), .max_length = 5}, {.pattern = pattern("a(b.*)?")}},
      {{.temperature = 1.0, .max_length = 3}, {.pattern = pattern("ba.|a.b")}}};
  cases.resize(testing::full_or(cases.size(), 1));
  for (const auto& [sampler, constraints] : cases) {
    SearchOptions options{.sampler = sampler, .constraints = constraints, .count = 20'000, .budget = 100'000};
    std::vector<std::string> matching;
    for (const std::string& text : sampled(200'000, sampler))
      if (meets(constraints, stripped(text))) matching.push_back(stripped(text));
    ASSERT_GT(matching.size(), 500U);
    const Shares expected = shares_of(matching);
    EXPECT_LT(distance(shares_of(find(options, 2).texts), expected), 0.35);
    options.exact_conditional = true;
    const Found exact = find(options, 2);
    EXPECT_EQ(exact.texts.size(), 20'000U);
    EXPECT_LT(distance(shares_of(exact.texts), expected), 0.06);
    EXPECT_GT(*exact.result.effective_candidates, 1000.0);
  }
}

TEST(SampleSearch, ExactDocumentsDependOnNoNumberOfEnginesAndMayBeUnique) {
  SearchOptions options{
      .sampler = {.temperature = 1.0, .max_length = 5}, .count = 15, .budget = 5000, .exact_conditional = true};
  options.constraints = {.contains = "ab", .unique = true};
  const Found unique = find(options, 2);
  EXPECT_EQ(std::set<std::string>(unique.texts.begin(), unique.texts.end()).size(), 15U);
  EXPECT_EQ(find(options, 3).texts, unique.texts);
}

TEST(SampleSearch, EndsWithTheBudget) {
  SearchOptions options{.sampler = {.temperature = 0.0}, .count = 5, .budget = 777};
  options.constraints.unique = true;
  for (const std::size_t engines : {1U, 3U}) {
    const Found found = find(options, engines);
    EXPECT_EQ(found.result.found, 1U);
    EXPECT_EQ(found.result.attempts, 777U);
  }
}

TEST(SampleSearch, ADocumentFoundAtTheLastAttemptCounts) {
  SearchOptions options{.sampler = {.temperature = 1.0}, .count = 100, .budget = 1'000'000};
  options.constraints.unique = true;
  const Found enough = find(options);
  ASSERT_EQ(enough.result.found, 100U);
  options.budget = enough.result.attempts;
  EXPECT_EQ(find(options).texts, enough.texts);
  --options.budget;
  EXPECT_EQ(find(options).result.found, 99U);
}

TEST(SampleSearch, KnownDocumentsAreLeftOut) {
  const SearchOptions all{.sampler = {.temperature = 1.0}, .count = 200};
  SearchOptions options = all;
  options.budget = 200;
  options.constraints.known = std::make_shared<const KnownDocuments>(Corpus::from_lines("test", "a\nb\nc\nab\n"));
  std::vector<std::string> expected = find(all).texts;
  std::erase_if(expected, [&](const std::string& text) { return options.constraints.known->have(text); });
  ASSERT_LT(expected.size(), 200U);
  EXPECT_EQ(find(options).texts, expected);
}

// Documents longer than the context, too, and those that are white space.
TEST(SampleSearch, LossesAreThoseOfTheLineScorer) {
  SearchOptions options{.sampler = {.temperature = 1.0, .max_length = 30}, .count = 200, .with_loss = true};
  const Found found = find(options);
  const Engines engines(1);
  LineChunk lines;
  for (const std::string& text : found.texts) lines.add(text);
  LineScorer scorer({{engines.all().front(), &tokenizer()}}, {});
  const std::vector<DocumentLoss> losses = scorer.score(lines).by_model.front();
  for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_EQ(found.nats[i], losses[i].nats) << i;
  for (const std::size_t engines_at_work : {2U, 5U}) EXPECT_EQ(find(options, engines_at_work).nats, found.nats);
}

TEST(SampleSearch, WhatIsThrownBetweenStepsStopsAllThreads) {
  std::atomic<int> steps = 0;
  SearchOptions options{.sampler = {.temperature = 1.0}, .count = 1'000'000'000};
  options.sampler.between_steps = [&] {
    if (++steps > 100) throw std::runtime_error("enough");
  };
  EXPECT_THROW(find(options, 3), std::runtime_error);
}

TEST(SampleSearch, SaysThatATemperatureIsTooCloseToZero) {
  EXPECT_THROW(find({.sampler = {.temperature = 1e-320}, .count = 3}, 2), Error);
}

TEST(SampleSearch, ThereIsABudgetWhereNoneIsGiven) {
  EXPECT_EQ(default_budget(1, 1.0), 10'000U);
  EXPECT_EQ(default_budget(1000, 1.0), 100'000U);
  EXPECT_EQ(default_budget(1000, 0.0), 1000U);
}

TEST(SampleSearch, FewDocumentsTakeOneEngine) {
  EXPECT_EQ(engines_for({.count = 10}, 8), 1U);
  EXPECT_EQ(engines_for({.count = 1000}, 8), 8U);
  SearchOptions rare{.count = 1, .budget = 10'000};
  EXPECT_EQ(engines_for(rare, 8), 1U);
  rare.constraints.unique = true;
  EXPECT_EQ(engines_for(rare, 8), 8U);
}

}  // namespace
}  // namespace microgpt::sample_search_test
