// SPDX-License-Identifier: MIT
#include "scoring/document_scorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "scoring/token_scorer.h"
#include "scoring/windows.h"
#include "support/closeness.h"
#include "support/length.h"
#include "support/models.h"

namespace microgpt::document_scorer_test {
namespace {

using Tokens = std::vector<Token>;
using Losses = std::vector<double>;

// What a scorer hands over, put together again; the rest of the contract is checked on the way.
class Collector {
 public:
  explicit Collector(Engine& engine, const Mixture* mixture = nullptr,
                     std::size_t batch_positions = DocumentScorer::kBatchPositions)
      : scorer(
            engine, [this](const ScoredPart& part) { take(part); }, mixture, batch_positions) {}

  void take(const ScoredPart& part) {
    EXPECT_EQ(part.document, documents.size() - (in_document_ ? 1 : 0)) << "documents come in order";
    if (!in_document_) documents.emplace_back();
    Losses& losses = documents.back();
    EXPECT_EQ(part.first, losses.size()) << "positions come in order, each once";
    EXPECT_EQ(part.targets.size(), part.losses.size());
    EXPECT_FALSE(part.losses.empty());
    targets.insert(targets.end(), part.targets.begin(), part.targets.end());
    losses.insert(losses.end(), part.losses.begin(), part.losses.end());
    mixed.insert(mixed.end(), part.mixed.begin(), part.mixed.end());
    in_document_ = !part.ends_document;
  }

  DocumentScorer scorer;
  std::vector<Losses> documents;
  Tokens targets;
  Losses mixed;

 private:
  bool in_document_ = false;
};

std::vector<Losses> score(Engine& engine, const std::vector<Tokens>& documents,
                          std::size_t batch_positions = DocumentScorer::kBatchPositions) {
  Collector collector(engine, nullptr, batch_positions);
  for (const Tokens& tokens : documents) collector.scorer.add(tokens);
  collector.scorer.finish();
  EXPECT_EQ(collector.documents.size(), documents.size());
  return collector.documents;
}

std::vector<Tokens> random_documents(const Config& config, const std::vector<std::size_t>& positions, std::uint64_t seed) {
  PythonRandom random(seed);
  std::vector<Tokens> documents;
  for (const std::size_t n : positions) documents.push_back(testing::random_document(config, n, random));
  return documents;
}

std::unique_ptr<Engine> graph_engine(const Config& config) {
  auto engine = make_graph_engine(config);
  engine->load(testing::random_parameters(config, 1));
  return engine;
}

// Window by window as windows.h describes it, each on its own.
Losses losses_by_windows(Engine& engine, const Tokens& tokens) {
  const std::size_t positions = tokens.size() - 1;
  const std::size_t block_size = engine.config().block_size;
  Losses losses;
  for (Window window = first_window(positions, block_size);; window = next_window(window, positions, block_size)) {
    Batch batch;
    batch.append(std::span(tokens).subspan(window.begin, window.end - window.begin + 1), block_size);
    const Losses all = engine.losses(batch);
    losses.insert(losses.end(), all.begin() + static_cast<std::ptrdiff_t>(window.first_new - window.begin), all.end());
    if (window.end == positions) return losses;
  }
}

TEST(Windows, CoverEachPositionOnceAndSeeHalfAContext) {
  for (std::size_t block_size = 1; block_size <= 9; ++block_size)
    for (std::size_t positions = 1; positions <= 40; ++positions) {
      Window window = first_window(positions, block_size);
      EXPECT_EQ(window.begin, 0U);
      EXPECT_EQ(window.first_new, 0U);
      while (window.end < positions) {
        const Window next = next_window(window, positions, block_size);
        EXPECT_EQ(next.begin, window.begin + window_stride(block_size));
        EXPECT_EQ(next.first_new, window.end);
        EXPECT_GT(next.end, next.first_new);
        EXPECT_LE(next.end - next.begin, block_size);
        EXPECT_GE(next.first_new - next.begin, block_size / 2);
        window = next;
      }
      EXPECT_EQ(window.end, positions);
    }
  EXPECT_EQ(window_stride(1), 1U);
  EXPECT_EQ(window_stride(16), 8U);
  EXPECT_EQ(window_stride(5), 3U);
}

TEST(DocumentScorer, DocumentsThatFitAreWhatTheEngineSays) {
  const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 6};
  const auto engine = graph_engine(config);
  for (const Tokens& tokens : random_documents(config, {1, 2, 5, 6}, 3)) {
    Batch batch;
    batch.append(tokens, config.block_size);
    EXPECT_EQ(testing::find_different_bits(score(*engine, {tokens}).front(), engine->losses(batch)), std::nullopt);
  }
}

TEST(DocumentScorer, LongDocumentsSlideTheWindow) {
  for (const std::size_t block_size : {1U, 2U, 3U, 4U, 7U}) {
    const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = block_size};
    const auto engine = graph_engine(config);
    for (std::size_t positions = 1; positions <= 30; ++positions) {
      const Tokens tokens = random_documents(config, {positions}, positions).front();
      const Losses losses = score(*engine, {tokens}).front();
      ASSERT_EQ(losses.size(), positions);
      EXPECT_EQ(testing::find_different_bits(losses, losses_by_windows(*engine, tokens)), std::nullopt)
          << block_size << ' ' << positions;
    }
  }
}

TEST(DocumentScorer, APieceIsAsGoodAsAnother) {
  const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4};
  const auto engine = graph_engine(config);
  const Tokens tokens = random_documents(config, {23}, 1).front();
  const Losses expected = score(*engine, {tokens}).front();
  for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 23U}) {
    Collector collector(*engine);
    for (std::size_t at = 0; at < tokens.size(); at += size)
      collector.scorer.append(std::span(tokens).subspan(at, std::min(size, tokens.size() - at)));
    collector.scorer.end_document();
    collector.scorer.finish();
    EXPECT_EQ(testing::find_different_bits(collector.documents.front(), expected), std::nullopt) << size;
    EXPECT_EQ(collector.targets, Tokens(tokens.begin() + 1, tokens.end()));
  }
}

TEST(DocumentScorer, WhatIsUnseenHasItsPriceAndIsFedOnAsBos) {
  const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4};
  const auto engine = graph_engine(config);
  const Token bos = 4;
  Tokens marked{bos, 1, kUnseen, 2, kUnseen, kUnseen, 0, 3, bos};
  Tokens fed = marked;
  std::replace(fed.begin(), fed.end(), kUnseen, bos);
  const Losses losses = score(*engine, {marked}).front();
  const Losses expected = losses_by_windows(*engine, fed);
  for (std::size_t i = 0; i < losses.size(); ++i)
    EXPECT_EQ(losses[i], marked[i + 1] == kUnseen ? unseen_loss(5) : expected[i]) << i;
}

TEST(DocumentScorer, ATextIsItsTokens) {
  const Config config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4};
  const auto engine = graph_engine(config);
  const Tokenizer tokenizer = Tokenizer::from_characters(U"abcd");
  for (const std::size_t length : {0U, 1U, 1021U, 1022U, 1023U, 1024U, 2500U}) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += "abcd"[i * i % 7 % 4];
    text += "\u00e9";
    Collector collector(*engine);
    collector.scorer.add_text(tokenizer, text);
    collector.scorer.finish();
    const Tokens tokens = tokenizer.encode_marking_unseen(text);
    EXPECT_EQ(collector.targets, Tokens(tokens.begin() + 1, tokens.end())) << length;
    EXPECT_EQ(testing::find_different_bits(collector.documents.front(), score(*engine, {tokens}).front()), std::nullopt);
  }
}

TEST(DocumentScorer, NothingScoredIsNothing) {
  const auto engine = graph_engine({.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4});
  EXPECT_TRUE(score(*engine, {}).empty());
}

// Short documents that begin alike, some twice, and some that are longer than the context or have unseen characters.
std::vector<Tokens> many_documents(const Config& config) {
  PythonRandom random(5);
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < testing::full_or(400, 60); ++i)
    positions.push_back(1 + random.randbelow(i % 20 == 0 ? 5 * config.block_size : config.block_size));
  std::vector<Tokens> documents = random_documents(config, positions, 6);
  for (std::size_t i = 0; i < documents.size(); i += 7) documents[i] = documents[i / 2];
  for (std::size_t i = 0; i < documents.size(); i += 11)
    if (documents[i].size() > 2) documents[i][1] = kUnseen;
  return documents;
}

void expect_same_bits(const std::vector<Losses>& actual, const std::vector<Losses>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t d = 0; d < actual.size(); ++d)
    ASSERT_EQ(testing::find_different_bits(actual[d], expected[d]), std::nullopt) << "document " << d;
}

// On every instruction set a document costs the same to the last bit alone and among others, in any order and batch.
TEST(DocumentScorer, NeitherTheOthersNorTheBatchesNorTheTargetMatter) {
  for (const Config& config : {Config{.vocab_size = 7, .n_embd = 16, .n_head = 4, .block_size = 9},
                               Config{.vocab_size = 7, .n_layer = 2, .n_embd = 9, .n_head = 3, .block_size = 20}}) {
    const std::vector<Tokens> documents = many_documents(config);
    std::vector<Losses> expected;
    for (const Target target : available_targets()) {
      SCOPED_TRACE(name_of(target));
      const auto engine = make_fast_engine(config, {.target = target});
      engine->load(testing::random_parameters(config, 1));
      std::vector<Losses> alone;
      for (const Tokens& tokens : documents) alone.push_back(score(*engine, {tokens}).front());
      if (!expected.empty()) expect_same_bits(alone, expected);
      expected = alone;
      for (const std::size_t batch_positions : {1U, 50U, 1000U, 1'000'000U})
        expect_same_bits(score(*engine, documents, batch_positions), expected);
      std::reverse(expected.begin(), expected.end());
      expect_same_bits(score(*engine, {documents.rbegin(), documents.rend()}), expected);
      expected = alone;
    }
  }
}

// More documents than are followed together, longer ones than the context, and what is unseen.
TEST(DocumentScorer, SaysWhatTheNgramOfAMixtureHoldsEachTargetToBe) {
  const Config config{.vocab_size = 5, .n_layer = 1, .n_embd = 4, .n_head = 1, .block_size = 4};
  const Token bos = 4;
  auto engine = make_fast_engine(config);
  engine->load(testing::random_parameters(config, 1));
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < 50; ++i) lengths.push_back(1 + i % 13);
  std::vector<Tokens> documents = random_documents(config, lengths, 3);
  for (Tokens& tokens : documents) tokens.front() = bos;
  documents[5][2] = kUnseen;
  documents[7].front() = 1;  // of which no n-gram's losses are asked for
  NgramDocuments counted(config.vocab_size);
  for (const Tokens& tokens : random_documents(config, {9, 9, 12, 3, 20}, 4)) counted.add(tokens);
  const NgramModel ngram(NgramCounts(counted), 4);
  const Mixture mixture(ngram, default_mixture_weights(4));
  std::vector<std::vector<double>> expected;
  for (const Tokens& tokens : documents) {
    NgramModel::Context context = ngram.start();
    std::vector<double>& probabilities = expected.emplace_back();
    for (std::size_t i = 1; i < tokens.size() && tokens.front() == bos; ++i) {
      const auto [probability, next] = ngram.step(context, tokens[i] == kUnseen ? bos : tokens[i]);
      probabilities.push_back(probability);
      context = next;
    }
  }
  for (const std::size_t batch_positions : {1U, 10U, 65536U}) {
    std::vector<std::vector<double>> said(documents.size());
    DocumentScorer scorer(
        *engine,
        [&](const ScoredPart& part) {
          said[part.document].insert(said[part.document].end(), part.by_ngram.begin(), part.by_ngram.end());
        },
        &mixture, batch_positions);
    for (const Tokens& tokens : documents) scorer.add(tokens);
    scorer.finish();
    EXPECT_EQ(said, expected) << batch_positions;
  }
}

// However the documents fall into batches, and however they begin: the n-gram follows each from its beginning.
TEST(DocumentScorer, MixesPositionByPositionWithAnNgramThatFollowsTheDocument) {
  const Config config{.vocab_size = 5, .n_layer = 1, .n_embd = 4, .n_head = 1, .block_size = 4};
  auto engine = make_fast_engine(config);
  engine->load(testing::random_parameters(config, 1));
  std::vector<Tokens> documents = random_documents(config, {3, 9, 20, 1, 4, 5, 9}, 3);
  documents.push_back(documents[1]);
  documents[2][4] = kUnseen;
  NgramDocuments counted(config.vocab_size);
  for (const Tokens& tokens : random_documents(config, {9, 9, 12, 3, 20}, 4)) counted.add(tokens);
  const NgramModel ngram(NgramCounts(counted), 4);
  MixtureWeights weights = default_mixture_weights(4);
  weights.ngram.length_weights = {0.1, 0.2, 0.3};
  const Mixture mixture(ngram, weights);
  const auto mixed = [&](const std::vector<Tokens>& of, std::size_t batch_positions) {
    Collector collector(*engine, &mixture, batch_positions);
    for (const Tokens& tokens : of) collector.scorer.add(tokens);
    collector.scorer.finish();
    EXPECT_EQ(collector.documents, score(*engine, of)) << "the model's own losses are as without";
    return collector.mixed;
  };
  Losses one_by_one;
  for (const Tokens& tokens : documents) {
    const Losses losses = mixed({tokens}, DocumentScorer::kBatchPositions);
    one_by_one.insert(one_by_one.end(), losses.begin(), losses.end());
  }
  for (const std::size_t batch_positions : {1U, 10U, 65536U}) EXPECT_EQ(mixed(documents, batch_positions), one_by_one);
  // Beside what the streams and the n-gram say, as far as a window's first position reaches.
  const Tokens& tokens = documents[0];
  const auto stream = engine->open_stream();
  NgramModel::Context context = ngram.start();
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const std::span<const double> exact = stream->feed(tokens[i]);
    std::vector<float> logits(exact.begin(), exact.end());
    mixture.mix(context, logits);
    double sum = 0.0;
    for (const float x : logits) sum += std::exp(static_cast<double>(x));
    EXPECT_NEAR(one_by_one[i], std::log(sum) - static_cast<double>(logits[static_cast<std::size_t>(tokens[i + 1])]), 1e-5);
    context = ngram.next(context, tokens[i + 1]);
  }
}

// Takes any batch and says how large it was.
class RecordingEngine : public Engine {
 public:
  explicit RecordingEngine(std::size_t block_size) : config_{.vocab_size = 4, .block_size = block_size} {}

  const Config& config() const override { return config_; }
  void load(std::span<const double>) override {}
  void store(std::span<double>) const override {}
  void store_gradient(std::span<double>) const override {}
  void pack(std::size_t, std::span<const double>, AnyNumbers) const override {}
  void unpack(AnyConstNumbers, std::size_t, std::span<double>) const override {}
  double loss_and_gradient(const Batch&, const Dropout&, LossMean) override { return 0.0; }
  using Engine::losses;
  void losses(const Batch& batch, const LogitChange&, LossesOfBoth& both) override {
    both = {losses(batch), losses(batch), {}};
  }
  std::unique_ptr<Stream> open_stream() override { return nullptr; }
  std::unique_ptr<Streams> open_streams(std::size_t, FirstLayer) override { return nullptr; }
  AnyBuffers buffers() override { return Buffers<double>{}; }
  void parameters_changed() override {}

  void losses(const Batch& batch, std::span<double> losses) override {
    largest = std::max(largest, batch.positions());
    sum += batch.positions();
    std::fill(losses.begin(), losses.end(), 1.0);
  }

  std::size_t largest = 0;
  std::size_t sum = 0;

 private:
  Config config_;
};

TEST(DocumentScorer, BatchesAreBoundedHoweverLongADocumentIs) {
  constexpr std::size_t kBlockSize = 100;
  constexpr std::size_t kBound = DocumentScorer::kBatchPositions + kBlockSize;
  RecordingEngine engine(kBlockSize);
  std::size_t scored = 0;
  std::size_t max_targets = 0;
  DocumentScorer scorer(engine, [&](const ScoredPart& part) {
    scored += part.losses.size();
    max_targets = std::max(max_targets, part.targets.size());
  });
  scorer.add(Tokens(1'000'001, 3));
  for (int i = 0; i < 10'000; ++i) scorer.add(Tokens(11, 3));
  scorer.finish();
  EXPECT_EQ(scored, 1'000'000U + 100'000U);
  EXPECT_LE(engine.largest, kBound);
  EXPECT_GT(engine.largest, kBound / 2) << "many at a time";
  EXPECT_LE(max_targets, kBlockSize);
  EXPECT_LT(engine.sum, 2'000'000U + 200'000U) << "twice a position, where the stride is half a context";
}

}  // namespace
}  // namespace microgpt::document_scorer_test
