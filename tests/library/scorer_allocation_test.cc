// SPDX-License-Identifier: MIT
// Scoring a line allocates nothing after the first.
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "microgpt/microgpt.h"
#include "support/counted_new.h"

namespace microgpt::scorer_allocation_test {
namespace {

TEST(ScorerAllocations, AreNoneAfterTheFirstLine) {
  const std::vector<std::string_view> words{"anna", "emma", "ella", "hannah", "otto", "mia", "maria", "marta", "nora", "lena"};
  const Model model = train(Corpus::from_documents("words", words), {.settings = {{"num_steps", 5}}, .threads = 1});
  for (const PredictorKind predictor : {PredictorKind::mixture, PredictorKind::gpt, PredictorKind::ngram}) {
    Scorer scorer(model, {.predictor = predictor});
    scorer.score("hannah, and more than the context of the model, which slides");
    const std::size_t allocations = testing::allocations_of([&] {
      for (const std::string_view word : words) scorer.score(word);
    });
    EXPECT_EQ(allocations, 0U) << static_cast<int>(predictor);
  }
}

}  // namespace
}  // namespace microgpt::scorer_allocation_test
