// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <utility>

#include "engine/loss.h"
#include "library/model_parts.h"
#include "library/train_options.h"
#include "microgpt/error.h"
#include "microgpt/score.h"
#include "parallel/thread_team.h"
#include "scoring/document_scorer.h"
#include "scoring/line_scorer.h"
#include "scoring/ngram_scorer.h"
#include "text/encoded_text.h"
#include "text/split.h"

namespace microgpt {
namespace {

void require_encoding_of(const Model& model, const Corpus& corpus) {
  if (corpus.encoding() == model.tokenizer().encoding()) return;
  const bool is_utf8 = corpus.encoding() == Encoding::utf8;
  throw Error(fmt::format("{} is read as {}, and the model is of {}; read it as that", corpus.name(),
                          is_utf8 ? "UTF-8" : "bytes", is_utf8 ? "bytes" : "UTF-8"));
}

Comparison checked(Comparison comparison) {
  require_number(comparison.model.loss.token_mean);
  return comparison;
}

}  // namespace

double Score::bits_per_character() const {
  return characters == 0 ? std::numeric_limits<double>::infinity() : bits / static_cast<double>(characters);
}

struct Scorer::State {
  // What one thread scores with. Nothing is allocated for a document that is no longer than those before.
  class ThreadScorer {
   public:
    ThreadScorer(const Model& model, PredictorKind predictor)
        : tokenizer_(model.tokenizer()),
          is_text_(model.corpus_kind() == CorpusKind::text),
          boundary_(line_boundary(tokenizer_, model.corpus_kind())) {
      const ModelParts& parts = model.parts();
      const auto take_part = [this](const ScoredPart& part) { take(part); };
      if (predictor == PredictorKind::ngram) {
        scorer_ = std::make_unique<NgramScorer>(*parts.ngram, take_part);
        return;
      }
      engine_ = engine_of(parts);
      is_mixed_ = predictor == PredictorKind::mixture;
      scorer_ = std::make_unique<DocumentScorer>(*engine_, take_part, is_mixed_ ? &*parts.mixture : nullptr);
    }

    // With `kept_bits`, which may be null, those of each position are added to it.
    void score(std::span<const std::string_view> documents, std::span<Score> scores, std::vector<double>* kept_bits = nullptr) {
      scores_ = scores;
      kept_bits_ = kept_bits;
      for (const std::string_view document : documents) {
        scorer_->append({&boundary_, 1});
        scorer_->append_text(tokenizer_, is_text_ ? document : strip(tokenizer_.encoding(), document));
        scorer_->append({&boundary_, 1});
        scorer_->end_document();
      }
      scorer_->finish();
    }

   private:
    void take(const ScoredPart& part) {
      ScoredPart predicted = part;
      if (is_mixed_) predicted.losses = part.mixed;
      loss_.add(predicted, boundary_);
      if (kept_bits_ != nullptr)
        for (const double nats : predicted.losses) kept_bits_->push_back(nats_to_bits(nats));
      if (!part.ends_document) return;
      scores_.front() = {nats_to_bits(loss_.nats), loss_.positions, loss_.characters, loss_.unseen};
      scores_ = scores_.subspan(1);
      loss_ = {};
    }

    const Tokenizer& tokenizer_;
    bool is_text_;
    Token boundary_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<TokenScorer> scorer_;
    bool is_mixed_ = false;
    DocumentLoss loss_;
    std::span<Score> scores_;  // of the documents that have not ended
    std::vector<double>* kept_bits_ = nullptr;
  };

  State(const Model& given_model, PredictorKind given_predictor, std::size_t threads)
      : model(given_model), predictor(given_predictor), team(threads), scorers(threads) {
    scorers.front() = std::make_unique<ThreadScorer>(model, predictor);
  }

  // A scorer that has thrown stopped in the midst of a document; the next one is made anew.
  template <typename Work>
  void with_scorer(std::size_t thread, const Work& work) {
    if (!scorers[thread]) scorers[thread] = std::make_unique<ThreadScorer>(model, predictor);
    try {
      work(*scorers[thread]);
    } catch (...) {
      scorers[thread].reset();
      throw;
    }
  }

  Model model;
  PredictorKind predictor;
  ThreadTeam team;
  std::vector<std::unique_ptr<ThreadScorer>> scorers;  // of each thread that had something to do
  std::vector<double> position_bits;
};

Scorer::Scorer(const Model& model, const ScoreOptions& options) {
  const PredictorKind predictor = chosen_predictor(model, options.predictor);
  state_ = std::make_unique<State>(model, predictor, chosen_threads(options.threads));
}

Scorer::~Scorer() = default;
Scorer::Scorer(Scorer&&) noexcept = default;
Scorer& Scorer::operator=(Scorer&&) noexcept = default;

const Model& Scorer::model() const { return state_->model; }

Score Scorer::score(std::string_view document) {
  require_valid(model().tokenizer(), "document", document);
  Score score;
  state_->with_scorer(0, [&](State::ThreadScorer& scorer) { scorer.score({&document, 1}, {&score, 1}); });
  require_number(score.bits);
  return score;
}

std::vector<Score> Scorer::score(std::span<const std::string_view> documents) {
  std::vector<Score> scores(documents.size());
  score(documents, scores);
  return scores;
}

std::vector<Score> Scorer::score(std::span<const std::string> documents) {
  const std::vector<std::string_view> views(documents.begin(), documents.end());
  return score(std::span<const std::string_view>(views));
}

void Scorer::score(std::span<const std::string_view> documents, std::span<Score> scores) {
  if (scores.size() != documents.size())
    throw Error(fmt::format("{} scores are not as many as {} documents", scores.size(), documents.size()));
  const std::vector<std::size_t> begins = parts_of_documents(model().tokenizer(), documents, state_->team.size());
  state_->team.for_each(begins.size() - 1, [&](std::size_t i, std::size_t thread) {
    const std::size_t begin = begins[i], size = begins[i + 1] - begin;
    state_->with_scorer(thread, [&](State::ThreadScorer& scorer) {
      scorer.score(documents.subspan(begin, size), scores.subspan(begin, size));
    });
  });
  for (const Score& each : scores) require_number(each.bits);
}

std::span<const double> Scorer::position_bits(std::string_view document) {
  require_valid(model().tokenizer(), "document", document);
  Score score;
  state_->position_bits.clear();
  state_->with_scorer(0, [&](State::ThreadScorer& scorer) {
    scorer.score({&document, 1}, {&score, 1}, &state_->position_bits);
  });
  require_number(score.bits);
  return state_->position_bits;
}

Comparison evaluate(const Model& model, const Corpus& corpus, const EvaluationWatch& watch) {
  require_encoding_of(model, corpus);
  const std::unique_ptr<Engine> engine = engine_of(model.parts());
  return checked(evaluate(*engine, model.tokenizer(), corpus, baseline_of(model.parts()), watch));
}

std::optional<HeldOutComparison> evaluate_held_out(const Model& model, const Corpus& corpus, const EvaluationWatch& watch) {
  require_encoding_of(model, corpus);
  const ModelParts& parts = model.parts();
  if (!parts.state) throw Error("how the model was trained is not known, so that nothing tells what was held out");
  require_corpus_of(parts.state->corpus, corpus);
  const CorpusParts split =
      split_and_tokenize(corpus, model.tokenizer(), parts.state->options.seed, parts.state->options.held_out);
  if (!split.validation || !split.test) return std::nullopt;
  const std::unique_ptr<Engine> engine = engine_of(parts);
  const Baseline baseline = baseline_of(parts);
  return HeldOutComparison{checked(evaluate(*engine, *split.validation, baseline, watch)),
                           checked(evaluate(*engine, *split.test, baseline, watch))};
}

}  // namespace microgpt
