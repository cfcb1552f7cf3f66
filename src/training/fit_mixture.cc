// SPDX-License-Identifier: MIT
#include "training/fit_mixture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/panels.h"
#include "scoring/document_scorer.h"
#include "scoring/windows.h"
#include "simd/aligned_buffer.h"
#include "training/newton.h"

namespace microgpt {
namespace {

constexpr double kPenalty = 10.0;
constexpr double kEvidenceUnit = 8.0;  // digits, so that all terms are of like size
constexpr double kMinGain = 1e-7;      // nats a position
constexpr std::size_t kRowsAtATime = 256;

// What both parts say at a position that was held out.
struct Position {
  Token target;
  std::size_t length;
  std::size_t evidence;
};

class Sample {
 public:
  Sample(std::size_t vocab_size, std::size_t positions)
      : vocab_size_(vocab_size), positions_(positions), logits_(positions * vocab_size), logarithms_(positions * vocab_size) {}

  std::size_t size() const { return positions_.size(); }
  std::size_t vocab_size() const { return vocab_size_; }
  Position& position(std::size_t i) { return positions_[i]; }
  const Position& position(std::size_t i) const { return positions_[i]; }
  std::span<float> logits(std::size_t i) { return std::span(logits_).subspan(i * vocab_size_, vocab_size_); }
  std::span<float> logarithms(std::size_t i) { return std::span(logarithms_).subspan(i * vocab_size_, vocab_size_); }
  std::span<const float> logits(std::size_t i) const { return std::span(logits_).subspan(i * vocab_size_, vocab_size_); }
  std::span<const float> logarithms(std::size_t i) const {
    return std::span(logarithms_).subspan(i * vocab_size_, vocab_size_);
  }

 private:
  std::size_t vocab_size_;
  std::vector<Position> positions_;
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
        stride_(documents.all_positions() * ngram.vocab_size() / kMaxMixtureNumbers + 1),
        sample_(ngram.vocab_size(), (documents.all_positions() + stride_ - 1) / stride_) {}

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
    sample_.position(i) = {target, ngram_.length(context), ngram_.evidence(context)};
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

// The terms of both exponents in a row: first those of the GPT, base, evidence and lengths, then those of the n-gram.
class Terms {
 public:
  explicit Terms(std::size_t order) : terms_per_exponent_(order + 1) {}

  std::size_t size() const { return 2 * terms_per_exponent_; }
  std::size_t terms_per_exponent() const { return terms_per_exponent_; }

  // The terms of an exponent that count at a position, and with which factors.
  using Active = std::array<std::pair<std::size_t, double>, 3>;
  static Active active(const Position& position) {
    const bool has_length = position.length > 0;
    return {{{0, 1.0},
             {1, static_cast<double>(position.evidence) / kEvidenceUnit},
             {has_length ? position.length + 1 : 0, has_length ? 1.0 : 0.0}}};
  }

  Vector of(const MixtureWeights& weights) const {
    Vector values;
    for (const ExponentTerms* terms : {&weights.gpt, &weights.ngram}) {
      values.push_back(terms->base);
      values.push_back(terms->evidence_weight * kEvidenceUnit);
      values.insert(values.end(), terms->length_weights.begin(), terms->length_weights.end());
    }
    return values;
  }

  MixtureWeights weights(const Vector& values) const {
    const auto part = [&](std::size_t begin) {
      const auto at = values.begin() + static_cast<std::ptrdiff_t>(begin);
      return ExponentTerms{at[0], at[1] / kEvidenceUnit, {at + 2, at + static_cast<std::ptrdiff_t>(terms_per_exponent_)}};
    };
    return {part(0), part(terms_per_exponent_)};
  }

 private:
  std::size_t terms_per_exponent_;
};

class Objective {
 public:
  Objective(const Sample& sample, std::size_t order, Target target)
      : sample_(sample),
        terms_(order),
        default_values_(terms_.of(default_mixture_weights(order))),
        kernels_(fast::kernels_for(target)),
        rows_at_a_time_(std::min(kRowsAtATime, fast::round_up_to_vector(sample.size()))),
        numbers_(fast::panels_size(rows_at_a_time_, sample.vocab_size())),
        normalisers_(rows_at_a_time_),
        ones_(rows_at_a_time_) {
    std::fill(ones_.span().begin(), ones_.span().end(), 1.0F);
  }

  const Terms& terms() const { return terms_; }
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
      slopes.value -= static_cast<double>(rows.element(i - begin, static_cast<std::size_t>(sample_.position(i).target)));
    }
    kernels_.softmax({rows, end - begin, sample_.vocab_size(), ones_.data(), normalisers_.data()});
    for (std::size_t i = begin; i < end; ++i) {
      slopes.value += static_cast<double>(normalisers_.data()[i - begin]);
      add_slopes(rows, i - begin, i, slopes);
    }
  }

  std::pair<float, float> exponents(const Vector& values, const Position& position) const {
    double gpt = 0.0, ngram = 0.0;
    for (const auto& [term, factor] : Terms::active(position)) {
      gpt += factor * values[term];
      ngram += factor * values[terms_.terms_per_exponent() + term];
    }
    return {static_cast<float>(gpt), static_cast<float>(ngram)};
  }

  // By an exponent the loss rises as the mean of what it stands before, over the mixture, less that of the target; and the
  // second derivatives are the covariances.
  void add_slopes(const fast::Panels& rows, std::size_t row, std::size_t i, Slopes& slopes) const {
    const std::span<const float> x = sample_.logits(i), q = sample_.logarithms(i);
    const auto target = static_cast<std::size_t>(sample_.position(i).target);
    const auto x0 = static_cast<double>(x[target]), q0 = static_cast<double>(q[target]);
    double mean_x = 0.0, mean_q = 0.0;
    for (std::size_t v = 0; v < x.size(); ++v) {
      const auto p = static_cast<double>(rows.element(row, v));
      mean_x += p * (static_cast<double>(x[v]) - x0);
      mean_q += p * (static_cast<double>(q[v]) - q0);
    }
    double xx = 0.0, xq = 0.0, qq = 0.0;  // about the means, so that no rounding makes them negative
    for (std::size_t v = 0; v < x.size(); ++v) {
      const auto p = static_cast<double>(rows.element(row, v));
      const double dx = static_cast<double>(x[v]) - x0 - mean_x, dq = static_cast<double>(q[v]) - q0 - mean_q;
      xx += p * dx * dx;
      xq += p * dx * dq;
      qq += p * dq * dq;
    }
    const std::array<double, 2> means{mean_x, mean_q};
    const std::array<double, 3> covariances{xx, xq, qq};
    const Terms::Active active = Terms::active(sample_.position(i));
    for (std::size_t a = 0; a < 2; ++a)
      for (const auto& [term, factor] : active) {
        const std::size_t at = a * terms_.terms_per_exponent() + term;
        slopes.first[at] += factor * means[a];
        for (std::size_t b = 0; b < 2; ++b)
          for (const auto& [other, other_factor] : active)
            slopes.second[at * terms_.size() + b * terms_.terms_per_exponent() + other] +=
                factor * other_factor * covariances[a + b];
      }
  }

  const Sample& sample_;
  Terms terms_;
  Vector default_values_;
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
  Objective objective(sample, ngram.order(), target);
  const auto loss = [&](const Vector& values) { return objective.at(values); };
  return objective.terms().weights(minimise(loss, objective.default_values(), kMinGain * static_cast<double>(sample.size())));
}

}  // namespace microgpt
