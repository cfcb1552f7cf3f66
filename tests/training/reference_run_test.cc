// What the run promises beyond its bits, which tests/golden and tests/oracle check.
#include "training/reference_run.h"

#include <gtest/gtest.h>

#include <set>

namespace microgpt {
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

TEST(ReferenceRun, HeldOutDocumentsWereNotTrainedOn) {
  const Corpus corpus = embedded_names();
  ReferenceOptions options = small(5000);
  options.block_size = 16;
  const ReferenceRun run(corpus, options);
  std::set<std::vector<Token>> trained;
  for (std::size_t step = 0; step < 5000; ++step) trained.insert(run.tokenizer().encode(run.document_of_step(step)));
  const Batch held_out = run.held_out_documents(1000);
  ASSERT_EQ(held_out.documents(), 1000U);
  std::set<std::vector<Token>> different;
  for (std::size_t d = 0; d < held_out.documents(); ++d) {
    const auto inputs = held_out.document_inputs(d);
    std::vector<Token> tokens(inputs.begin(), inputs.end());
    tokens.push_back(held_out.document_targets(d).back());
    EXPECT_FALSE(trained.contains(tokens));
    EXPECT_TRUE(different.insert(tokens).second) << "each counts once";
  }
}

TEST(ReferenceRun, HoldsNothingOutOfWhatItTrainsOn) {
  const Corpus corpus = ten_documents();
  EXPECT_EQ(ReferenceRun(corpus, small(25)).held_out_documents(10).documents(), 0U);
  EXPECT_EQ(ReferenceRun(corpus, small(25)).first_documents(64).documents(), 10U);
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
}  // namespace microgpt
