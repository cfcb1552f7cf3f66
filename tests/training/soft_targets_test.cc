// SPDX-License-Identifier: MIT
#include "training/soft_targets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "support/models.h"

namespace microgpt::soft_targets_test {
namespace {

// More documents than are computed at a time, of one character and of more than the context.
TokenizedDocuments some_documents() {
  std::string text;
  for (int i = 0; i < 150; ++i)
    text += std::string(static_cast<std::size_t>(1 + i % 8), static_cast<char>('a' + i % 3)) + "b\n";
  const Corpus corpus = Corpus::from_lines("test", text);
  std::vector<std::size_t> all(corpus.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return {corpus, Tokenizer(corpus), all};
}

constexpr Config kConfig{.vocab_size = 4, .n_embd = 8, .n_head = 2, .block_size = 5};  // of a, b, c and the end

TEST(SoftTargets, AreTheTeachersPredictionsAndTheDocuments) {
  const TrainingWindows windows(some_documents(), kConfig.block_size);
  ASSERT_GT(windows.longer_documents(), 0U);
  const auto teacher = make_fast_engine(kConfig);
  teacher->load(testing::random_parameters(kConfig, 1));
  for (const double share : {0.0, 0.25, 1.0}) {
    SoftTargets soft(kConfig.vocab_size, windows);
    soft.mix_in(*teacher, windows, share);
    for (std::size_t i = windows.size(); i-- > 0;) {
      Batch batch;
      windows.append(i, batch);
      soft.append(i, batch);
      ASSERT_EQ(batch.soft_targets.size(), batch.positions() * kConfig.vocab_size);
      for (std::size_t token = 0; token < kConfig.vocab_size; ++token) {
        Batch other = batch;
        std::fill(other.targets.begin(), other.targets.end(), static_cast<Token>(token));
        const std::vector<double> losses = teacher->losses(other);
        for (std::size_t p = batch.context_of(0); p < batch.positions(); ++p) {
          const double own = static_cast<std::size_t>(batch.targets[p]) == token ? 1.0 : 0.0;
          EXPECT_NEAR(static_cast<double>(batch.soft_targets[p * kConfig.vocab_size + token]),
                      share * std::exp(-losses[p]) + (1.0 - share) * own, 1e-6);
        }
      }
    }
  }
}

}  // namespace
}  // namespace microgpt::soft_targets_test
