// SPDX-License-Identifier: MIT
#include "training/ngram_teacher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "ngram/ngram_counts.h"
#include "training/training_run.h"

namespace microgpt::ngram_teacher_test {
namespace {

// 300 different documents of three characters or four.
std::string some_text() {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    for (int digit = i, n = 0; n < 3 + i % 2; ++n, digit /= 7) text += static_cast<char>('a' + digit % 7);
    text += '\n';
  }
  return text;
}

TokenizedDocuments documents_of(const Corpus& corpus, const Tokenizer& tokenizer) {
  std::vector<std::size_t> all(corpus.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return {corpus, tokenizer, all};
}

NgramModel ngram_of(const TokenizedDocuments& documents, std::size_t vocab_size, std::size_t order) {
  NgramDocuments counted(vocab_size);
  for (std::size_t d = 0; d < documents.size(); ++d) {
    std::vector<Token> tokens(documents.positions(d) + 1);
    documents.copy(d, 0, tokens);
    counted.add(tokens);
  }
  return {NgramCounts(counted, order), order};
}

TEST(NgramTeacher, WritesDocumentsAsItPredictsThem) {
  const Corpus corpus = Corpus::from_lines("test", some_text());
  const Tokenizer tokenizer(corpus);
  const TokenizedDocuments documents = documents_of(corpus, tokenizer);
  const NgramModel ngram = ngram_of(documents, tokenizer.vocab_size(), 3);
  const std::size_t count = 20'000;
  const TokenizedDocuments all = with_written_documents(documents, ngram, count, 1);
  ASSERT_EQ(all.size(), documents.size() + count);
  std::vector<double> expected(tokenizer.vocab_size());
  ngram.distribution(ngram.start(), expected);
  std::vector<double> actual(expected.size());
  for (std::size_t d = 0; d < all.size(); ++d) {
    std::vector<Token> tokens(all.positions(d) + 1);
    all.copy(d, 0, tokens);
    EXPECT_EQ(tokens.front(), tokenizer.bos());
    EXPECT_LE(all.positions(d), documents.longest());
    if (d < documents.size()) {
      std::vector<Token> same(tokens.size());
      documents.copy(d, 0, same);
      EXPECT_EQ(tokens, same);
    } else {
      actual[static_cast<std::size_t>(tokens[1])] += 1.0 / static_cast<double>(count);
    }
  }
  for (std::size_t token = 0; token < expected.size(); ++token)
    EXPECT_NEAR(actual[token], expected[token], 4 * std::sqrt(expected[token] / static_cast<double>(count)) + 1e-12);
}

TEST(NgramTeacher, TheSameSeedWritesTheSameDocumentsAndAnotherSeedOthers) {
  const Corpus corpus = Corpus::from_lines("test", some_text());
  const Tokenizer tokenizer(corpus);
  const TokenizedDocuments documents = documents_of(corpus, tokenizer);
  const NgramModel ngram = ngram_of(documents, tokenizer.vocab_size(), 3);
  const auto written = [&](std::uint64_t seed) {
    const TokenizedDocuments all = with_written_documents(documents, ngram, 50, seed);
    std::vector<Token> tokens;
    for (std::size_t d = documents.size(); d < all.size(); ++d) {
      std::vector<Token> document_tokens(all.positions(d) + 1);
      all.copy(d, 0, document_tokens);
      tokens.insert(tokens.end(), document_tokens.begin(), document_tokens.end());
    }
    return tokens;
  };
  EXPECT_EQ(written(1), written(1));
  EXPECT_NE(written(1), written(2));
}

std::vector<float> targets_of(const TrainingWindows& windows, std::size_t vocab_size, const NgramModel& ngram, std::size_t own,
                              double share) {
  SoftTargets targets(vocab_size, windows);
  mix_in_ngram(ngram, windows, own, share, targets);
  Batch batch;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    windows.append(i, batch);
    targets.append(i, batch);
  }
  return batch.soft_targets;
}

// Whatever the context is: the n-gram follows a document through all of its windows.
TEST(NgramTeacher, PredictsWrittenDocumentsAsItDoesAndOthersAsIfItHadNotSeenThem) {
  const Corpus corpus = Corpus::from_lines("test", some_text());
  const Tokenizer tokenizer(corpus);
  const std::size_t vocab_size = tokenizer.vocab_size();
  const TokenizedDocuments documents = documents_of(corpus, tokenizer);
  const NgramModel ngram = ngram_of(documents, vocab_size, 4);
  const TokenizedDocuments all = with_written_documents(documents, ngram, 100, 1);
  for (const std::size_t block_size : {5U, 3U, 2U}) {
    const TrainingWindows windows(all, block_size);
    const std::vector<float> targets = targets_of(windows, vocab_size, ngram, documents.size(), 1.0);
    double seen = 0.0, unseen = 0.0;  // losses of the corpus's documents
    std::size_t at = 0;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const TrainingWindows::Location location = windows.location(i);
      std::vector<Token> tokens(all.positions(location.document) + 1);
      all.copy(location.document, 0, tokens);
      NgramModel::Context context = ngram.start();
      at += location.context() * vocab_size;
      for (std::size_t position = 0; position < location.window.end; ++position) {
        std::vector<double> expected(vocab_size);
        ngram.distribution(context, expected);
        const auto target = static_cast<std::size_t>(tokens[position + 1]);
        context = ngram.next(context, tokens[position + 1]);
        if (position < location.window.first_new) continue;
        const std::span<const float> actual = std::span(targets).subspan(at, vocab_size);
        EXPECT_NEAR(std::accumulate(actual.begin(), actual.end(), 0.0), 1.0, 1e-5);
        if (location.document < documents.size()) {
          seen -= std::log(expected[target]);
          unseen -= std::log(static_cast<double>(actual[target]));
        } else {
          for (std::size_t token = 0; token < vocab_size; ++token)
            EXPECT_NEAR(static_cast<double>(actual[token]), expected[token], 1e-6);
        }
        at += vocab_size;
      }
    }
    EXPECT_EQ(at, targets.size());
    EXPECT_GT(unseen, 1.2 * seen) << "it must not say what it has counted";
  }
}

TEST(NgramTeacher, AShareOfItIsMixedWithWhatTheDocumentsSay) {
  const Corpus corpus = Corpus::from_lines("test", some_text() + some_text());  // each twice: in the same part
  const Tokenizer tokenizer(corpus);
  const std::size_t vocab_size = tokenizer.vocab_size();
  const TokenizedDocuments documents = documents_of(corpus, tokenizer);
  const NgramModel ngram = ngram_of(documents, vocab_size, 3);
  const TrainingWindows windows(documents, 8);
  const auto all = [&](double share) { return targets_of(windows, vocab_size, ngram, documents.size(), share); };
  const std::vector<float> none = all(0.0), quarter = all(0.25), whole = all(1.0);
  for (std::size_t i = 0; i < none.size(); ++i) {
    EXPECT_TRUE(none[i] == 0.0F || none[i] == 1.0F);
    EXPECT_NEAR(quarter[i], 0.75F * none[i] + 0.25F * whole[i], 1e-6F);
  }
  const std::size_t half = none.size() / 2;
  EXPECT_TRUE(std::equal(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(half),
                         whole.begin() + static_cast<std::ptrdiff_t>(half)))
      << "equal documents are predicted alike";
}

TrainSettings small() {
  TrainSettings options;
  options.n_embd = 16;
  options.n_head = 2;
  options.block_size = 16;
  options.batch_size = 16;
  options.training.num_steps = 300;
  options.training.loss_mean = LossMean::token;
  options.seed = 3;
  return options;
}

TEST(NgramTeacher, IsWhatTheSettingsMakeIt) {
  const Corpus corpus = Corpus::from_lines("test", some_text());
  TrainSettings options = small();
  options.ngram_documents = 0.5;
  TrainingRun run(corpus, options);
  EXPECT_EQ(run.training().size(), run.own_documents() + (run.own_documents() + 1) / 2);
  EXPECT_TRUE(run.baseline());
  EXPECT_EQ(run.training_sample().size(), run.own_documents()) << "nothing that was written";
  EXPECT_EQ(run.first_documents(3).documents(), 3U);
  options.engine = EngineKind::graph;
  EXPECT_THROW(TrainingRun(corpus, options), ConfigError);
  options.engine = EngineKind::fast;
  EXPECT_THROW(TrainingRun(Corpus::from_text("test", some_text()), options), ConfigError);
}

// With a teacher, too, and from before it on.
TEST(NgramTeacher, ARunGoesOnToTheSameBits) {
  const Corpus corpus = Corpus::from_lines("test", some_text());
  TrainSettings options = small();
  options.training.num_steps = 40;
  options.training.ngram_share = 0.5;
  options.ngram_documents = 1.0;
  for (const double teacher_part : {0.0, 0.5}) {
    options.training.teacher_part = teacher_part;
    TrainingRun whole(corpus, options);
    std::vector<double> losses;
    const auto step_of = [](TrainingRun& run) {
      if (run.validation_is_due()) run.validate();
      return run.train_step();
    };
    while (!whole.is_finished() && whole.trainer().step() < 40) losses.push_back(step_of(whole));
    for (const std::size_t stop : {5U, 20U, 30U}) {
      TrainingRun begun(corpus, options);
      for (std::size_t step = 0; step < stop; ++step) EXPECT_EQ(step_of(begun), losses[step]);
      if (begun.validation_is_due()) begun.validate();
      TrainingRun resumed(corpus, options);
      resumed.restore(begun.checkpoint());
      for (std::size_t step = stop; step < 40; ++step) ASSERT_EQ(step_of(resumed), losses[step]) << stop << ", " << step;
    }
  }
}

}  // namespace
}  // namespace microgpt::ngram_teacher_test
