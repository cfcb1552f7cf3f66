// SPDX-License-Identifier: MIT
// What the run promises beyond its bits, which tests/golden and tests/oracle check.
#include "training/reference_run.h"

#include <gtest/gtest.h>

#include <set>

namespace microgpt::reference_run_test {
namespace {

Corpus ten_documents() { return Corpus::from_lines("test", "a\nb\nc\nd\ne\nf\ng\na\nb\nabcdefg\n"); }

ReferenceOptions small(std::size_t num_steps) {
  ReferenceOptions options;
  options.num_steps = num_steps;
  options.n_embd = 4;
  options.block_size = 3;
  return options;
}

TEST(ReferenceRun, StepsGoRoundAllDocuments) {
  const Corpus corpus = ten_documents();
  const ReferenceRun run(corpus, small(25));
  std::multiset<std::string> seen;
  std::multiset<std::string> all;
  for (std::size_t i = 0; i < 10; ++i) {
    seen.emplace(run.document_of_step(i));
    all.emplace(corpus[i]);
    EXPECT_EQ(run.document_of_step(i), run.document_of_step(i + 10));
  }
  EXPECT_EQ(seen, all);
}

TEST(ReferenceRun, TheRevisionDecidesWhatIsNotGiven) {
  const Corpus corpus = ten_documents();
  ReferenceOptions options;
  options.revision = &kRevisions[1];
  ReferenceRun run(corpus, options);
  EXPECT_EQ(run.engine().config().block_size, 8U);
  EXPECT_EQ(run.engine().config().activation, Activation::squared_relu);
  EXPECT_EQ(run.trainer().num_steps(), 500U);
}

}  // namespace
}  // namespace microgpt::reference_run_test
