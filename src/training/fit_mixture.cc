// SPDX-License-Identifier: MIT
#include "training/fit_mixture.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/panels.h"
#include "scoring/document_scorer.h"
#include "scoring/windows.h"
#include "simd/aligned_buffer.h"
#include "training/mixture_terms.h"
#include "training/newton.h"

namespace microgpt {
namespace {

constexpr double kPenalty = 10.0;
constexpr double kMinGain = 1e-7;  // nats a position
constexpr std::size_t kRowsAtATime = 256;

class Sample {
 public:
  Sample(const NgramModel& ngram, std::size_t positions)
      : Sample(ngram.vocab_size(), {positions, MixturePosition{0, ngram.start(), 0, 0}}) {}

  std::size_t size() const { return positions_.size(); }
  std::size_t vocab_size() const { return vocab_size_; }
  MixturePosition& position(std::size_t i) { return positions_[i]; }
  const MixturePosition& position(std::size_t i) const { return positions_[i]; }
  std::span<float> logits(std::size_t i) { return std::span(logits_).subspan(i * vocab_size_, vocab_size_); }
  std::span<float> logarithms(std::size_t i) { return std::span(logarithms_).subspan(i * vocab_size_, vocab_size_); }
  std::span<const float> logits(std::size_t i) const { return std::span(logits_).subspan(i * vocab_size_, vocab_size_); }
  std::span<const float> logarithms(std::size_t i) const {
    return std::span(logarithms_).subspan(i * vocab_size_, vocab_size_);
  }

 private:
  Sample(std::size_t vocab_size, std::vector<MixturePosition> positions)
      : vocab_size_(vocab_size),
        positions_(std::move(positions)),
        logits_(positions_.size() * vocab_size),
        logarithms_(positions_.size() * vocab_size) {}

  std::size_t vocab_size_;
  std::vector<MixturePosition> positions_;
  std::vector<float> logits_;      // of the GPT, [positions][vocab_size]
  std::vector<float> logarithms_;  // of the n-gram's probabilities, likewise
};

// Goes through the documents as DocumentScorer does.
class Sampling {
 public:
  Sampling(Engine& engine, const NgramModel& ngram, const TokenizedDocuments& documents, Target target)
      : engine_(engine),
        ngram_(ngram),
        documents_(documents),
        target_(target),
        block_size_(engine.config().block_size),
        stride_(std::max(documents.all_positions() * ngram.vocab_size() / kMaxMixtureNumbers,
                         documents.all_positions() / kMaxMixturePositions) +
                1),
        sample_(ngram, (documents.all_positions() + stride_ - 1) / stride_) {}

  Sample take(const EvaluationWatch& watch) {
    for (std::size_t d = 0; d < documents_.size(); ++d) add_document(d, watch);
    if (batch_.positions() > 0) compute(watch);
    return std::move(sample_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  void add_document(std::size_t d, const EvaluationWatch& watch) {
    tokens_.resize(documents_.positions(d) + 1);
    documents_.copy(d, 0, tokens_);
    NgramModel::Context context = ngram_.start();
    const std::size_t windows = count_windows(documents_.positions(d), block_size_);
    for (std::size_t w = 0; w < windows; ++w) {
      const Window window = window_of_number(w, documents_.positions(d), block_size_);
      documents_.append(d, window.begin, window.end, batch_);
      samples_.insert(samples_.end(), window.first_new - window.begin, kNone);
      for (std::size_t position = window.first_new; position < window.end; ++position, ++seen_) {
        samples_.push_back(is_taken(seen_) ? seen_ / stride_ : kNone);
        if (samples_.back() != kNone) take_ngram(samples_.back(), context, tokens_[position + 1]);
        context = ngram_.next(context, tokens_[position + 1]);
      }
      if (batch_.positions() >= DocumentScorer::kBatchPositions) compute(watch);
    }
  }

  // One of each `stride_` positions, which is another one each time, as documents may have columns.
  bool is_taken(std::size_t position) const {
    const std::size_t block = position / stride_;
    const std::size_t size = std::min(stride_, documents_.all_positions() - block * stride_);
    const std::uint64_t hash = (block + 1) * std::uint64_t{0x9E3779B97F4A7C15};
    return position % stride_ == (hash >> 32) % size;
  }

  void take_ngram(std::size_t i, NgramModel::Context context, Token target) {
    sample_.position(i) = {target, context, ngram_.length(context), ngram_.evidence(context)};
    log_distribution(ngram_, context, target_, sample_.logarithms(i));
  }

  // Each position has a key of its own, so that all are seen.
  void compute(const EvaluationWatch& watch) {
    std::vector<std::uint32_t> keys(batch_.positions());
    for (std::uint32_t i = 0; i < keys.size(); ++i) keys[i] = i;
    engine_.losses(batch_, {keys, [&](std::size_t position, std::span<float> logits) {
                              if (samples_[position] == kNone) return;
                              const std::span<float> kept = sample_.logits(samples_[position]);
                              std::copy(logits.begin(), logits.end(), kept.begin());
                            }});
    batch_.clear();
    samples_.clear();
    if (watch) watch(seen_);
  }

  Engine& engine_;
  const NgramModel& ngram_;
  const TokenizedDocuments& documents_;
  Target target_;
  std::size_t block_size_;
  std::size_t stride_;
  Sample sample_;
  Batch batch_;
  std::vector<std::size_t> samples_;  // of each position of the batch, or kNone
  std::vector<Token> tokens_;
  std::size_t seen_ = 0;  // positions that count
};

using Vector = std::vector<double>;

class Objective {
 public:
  Objective(const Sample& sample, const NgramModel& ngram, Target target)
      : sample_(sample),
        ngram_(ngram),
        terms_(ngram.order()),
        default_values_(terms_.of(default_mixture_weights(ngram.order()))),
        parts_(ngram),
        kernels_(fast::kernels_for(target)),
        rows_at_a_time_(std::min(kRowsAtATime, fast::round_up_to_vector(sample.size()))),
        numbers_(fast::panels_size(rows_at_a_time_, sample.vocab_size())),
        normalisers_(rows_at_a_time_),
        ones_(rows_at_a_time_) {
    std::fill(ones_.span().begin(), ones_.span().end(), 1.0F);
  }

  const MixtureTerms& terms() const { return terms_; }
  const Vector& default_values() const { return default_values_; }

  Slopes at(const Vector& values) {
    Slopes slopes{0.0, Vector(terms_.size()), Vector(terms_.size() * terms_.size())};
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const double distance = values[i] - default_values_[i];
      slopes.value += kPenalty * distance * distance;
      slopes.first[i] += 2.0 * kPenalty * distance;
      slopes.second[i * terms_.size() + i] += 2.0 * kPenalty;
    }
    for (std::size_t begin = 0; begin < sample_.size(); begin += rows_at_a_time_)
      add(values, begin, std::min(begin + rows_at_a_time_, sample_.size()), slopes);
    for (std::size_t i = 0; i < terms_.size(); ++i)  // the half that was added to is the lower one
      for (std::size_t j = 0; j < i; ++j) slopes.second[j * terms_.size() + i] = slopes.second[i * terms_.size() + j];
    return slopes;
  }

 private:
  // The rows become the probabilities of the mixture.
  void add(const Vector& values, std::size_t begin, std::size_t end, Slopes& slopes) {
    const fast::Panels rows = fast::Panels::make(numbers_.data(), rows_at_a_time_, sample_.vocab_size());
    for (std::size_t i = begin; i < end; ++i) {
      const auto [gpt, ngram] = exponents(values, sample_.position(i));
      const std::span<const float> x = sample_.logits(i), q = sample_.logarithms(i);
      for (std::size_t v = 0; v < x.size(); ++v) rows.element(i - begin, v) = gpt * x[v] + ngram * q[v];
      parts_.see(sample_.position(i));
      parts_.for_each_gain(gains(values, sample_.position(i)),
                           [&](std::size_t v, double gain) { rows.element(i - begin, v) += static_cast<float>(gain); });
      slopes.value -= static_cast<double>(rows.element(i - begin, static_cast<std::size_t>(sample_.position(i).target)));
    }
    kernels_.softmax({rows, end - begin, sample_.vocab_size(), ones_.data(), normalisers_.data()});
    for (std::size_t i = begin; i < end; ++i) {
      slopes.value += static_cast<double>(normalisers_.data()[i - begin]);
      add_slopes(rows, i - begin, i, slopes);
    }
  }

  std::pair<float, float> exponents(const Vector& values, const MixturePosition& position) const {
    double gpt = 0.0, ngram = 0.0;
    for (const auto& [term, factor] : MixtureTerms::active(position)) {
      gpt += factor * values[term];
      ngram += factor * values[terms_.of_ngram() + term];
    }
    return {static_cast<float>(gpt), static_cast<float>(ngram)};
  }

  // With which number each part is in the logits, of what was seen.
  const Vector& gains(const Vector& values, const MixturePosition& position) {
    gains_.assign(MixtureParts::was_seen(position.length + 1), 0.0);
    for_each_seen_term(position,
                       [&](std::size_t term, std::size_t part, double factor) { gains_[part] += factor * values[term]; });
    return gains_;
  }

  // Calls take(term, its part, its factor).
  template <typename Take>
  void for_each_seen_term(const MixturePosition& position, const Take& take) const {
    NgramModel::Context context = position.context;
    for (std::size_t length = position.length; length > 0; --length, context = ngram_.shorter(context)) {
      const std::size_t first = terms_.of_length(length);
      take(first, MixtureParts::was_seen(length), 1.0);
      take(first + 1, MixtureParts::was_seen(length), MixtureTerms::unit(ngram_.evidence(context)));
      take(first + 2, MixtureParts::doublings(length), 1.0);
    }
  }

  // By a term the loss rises as the mean of its part over the mixture, less that of the target; and the second derivatives are
  // the covariances.
  void add_slopes(const fast::Panels& rows, std::size_t row, std::size_t i, Slopes& slopes) {
    const MixturePosition& position = sample_.position(i);
    parts_.see(position);
    parts_.weigh(sample_.logits(i), sample_.logarithms(i), position.target,
                 [&](std::size_t v) { return static_cast<double>(rows.element(row, v)); });
    active_.clear();
    for (const auto& [term, factor] : MixtureTerms::active(position)) {
      active_.push_back({term, MixtureParts::kGpt, factor});
      active_.push_back({terms_.of_ngram() + term, MixtureParts::kNgram, factor});
    }
    for_each_seen_term(position, [&](std::size_t term, std::size_t part, double factor) {
      active_.push_back({term, part, factor});
    });
    for (const ActiveTerm& a : active_) {
      slopes.first[a.term] += a.factor * parts_.mean(a.part);
      for (const ActiveTerm& b : active_)
        if (b.term <= a.term)
          slopes.second[a.term * terms_.size() + b.term] += a.factor * b.factor * parts_.covariance(a.part, b.part);
    }
  }

  struct ActiveTerm {
    std::size_t term, part;
    double factor;
  };

  const Sample& sample_;
  const NgramModel& ngram_;
  MixtureTerms terms_;
  Vector default_values_;
  MixtureParts parts_;
  Vector gains_;
  std::vector<ActiveTerm> active_;
  const fast::Kernels& kernels_;
  std::size_t rows_at_a_time_;
  AlignedBuffer<float> numbers_;
  AlignedBuffer<float> normalisers_;
  AlignedBuffer<float> ones_;
};

}  // namespace

MixtureWeights fit_mixture(Engine& engine, const NgramModel& ngram, const TokenizedDocuments& validation, Target target,
                           const EvaluationWatch& watch) {
  const Sample sample = Sampling(engine, ngram, validation, target).take(watch);
  Objective objective(sample, ngram, target);
  const auto loss = [&](const Vector& values) { return objective.at(values); };
  return objective.terms().weights(minimise(loss, objective.default_values(), kMinGain * static_cast<double>(sample.size())));
}

}  // namespace microgpt
