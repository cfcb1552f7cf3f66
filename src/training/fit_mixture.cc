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

// What the n-gram knows at a position that was held out.
struct Position {
  Token target;
  NgramModel::Context context;
  std::size_t length;
  std::size_t evidence;
};

class Sample {
 public:
  Sample(const NgramModel& ngram, std::size_t positions)
      : Sample(ngram.vocab_size(), {positions, Position{0, ngram.start(), 0, 0}}) {}

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
  Sample(std::size_t vocab_size, std::vector<Position> positions)
      : vocab_size_(vocab_size),
        positions_(std::move(positions)),
        logits_(positions_.size() * vocab_size),
        logarithms_(positions_.size() * vocab_size) {}

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

// All terms in a row: of the GPT's exponent, base, evidence and lengths; those of the n-gram's; and of each length from 1 on
// what a token gains that was seen: base, evidence and count.
class Terms {
 public:
  explicit Terms(std::size_t order) : order_(order) {}

  std::size_t size() const { return of_length(order_); }
  std::size_t of_ngram() const { return order_ + 1; }                                      // the first one
  std::size_t of_length(std::size_t length) const { return 2 * order_ + 3 * length - 1; }  // the first one, of what was seen

  // The terms of an exponent that count at a position, and with which factors, as those of the GPT.
  using Active = std::array<std::pair<std::size_t, double>, 3>;
  static Active active(const Position& position) {
    const bool has_length = position.length > 0;
    return {{{0, 1.0}, {1, unit(position.evidence)}, {has_length ? position.length + 1 : 0, has_length ? 1.0 : 0.0}}};
  }
  static double unit(std::size_t evidence) { return static_cast<double>(evidence) / kEvidenceUnit; }

  Vector of(const MixtureWeights& weights) const {
    Vector values;
    for (const ExponentTerms* terms : {&weights.gpt, &weights.ngram}) {
      values.push_back(terms->base);
      values.push_back(terms->evidence_weight * kEvidenceUnit);
      values.insert(values.end(), terms->length_weights.begin(), terms->length_weights.end());
    }
    for (const SeenTerms& terms : weights.seen)
      values.insert(values.end(), {terms.base, terms.evidence_weight * kEvidenceUnit, terms.count_weight});
    values.resize(size());
    return values;
  }

  MixtureWeights weights(const Vector& values) const {
    const auto part = [&](std::size_t begin) {
      const auto at = values.begin() + static_cast<std::ptrdiff_t>(begin);
      return ExponentTerms{at[0], at[1] / kEvidenceUnit, {at + 2, at + static_cast<std::ptrdiff_t>(of_ngram())}};
    };
    MixtureWeights weights{part(0), part(of_ngram()), {}};
    for (std::size_t length = 1; length < order_; ++length) {
      const std::size_t at = of_length(length);
      weights.seen.push_back({values[at], values[at + 1] / kEvidenceUnit, values[at + 2]});
    }
    return weights;
  }

 private:
  std::size_t order_;
};

// What the logits of the mixture are sums of at a position, each with an exponent or a term: x of the GPT, ln P of the n-gram,
// and for each length from 1 on whether a token was seen, and how often its count has doubled. The mixture's means of them,
// less what they are of the target, and their covariances.
class Parts {
 public:
  static constexpr std::size_t kGpt = 0, kNgram = 1;
  static constexpr std::size_t was_seen(std::size_t length) { return 2 * length; }
  static constexpr std::size_t doublings(std::size_t length) { return 2 * length + 1; }

  explicit Parts(const NgramModel& ngram)
      : ngram_(ngram), width_(2 * ngram.order()), seen_(ngram.vocab_size() * width_), longest_(ngram.vocab_size()) {}

  // Before all else of a position.
  void see(const Position& position) {
    for (const Token token : tokens_) {
      std::fill_n(of(token), width_, 0.0);
      longest_[static_cast<std::size_t>(token)] = 0;
    }
    tokens_.clear();
    size_ = 2 * (position.length + 1);
    NgramModel::Context context = position.context;
    for (std::size_t length = position.length; length > 0; --length, context = ngram_.shorter(context))
      ngram_.for_each_seen(context, [&](Token token, std::uint32_t count) {
        std::size_t& longest = longest_[static_cast<std::size_t>(token)];
        if (longest == 0) tokens_.push_back(token);
        longest = std::max(longest, length);
        of(token)[was_seen(length)] = 1.0;
        of(token)[doublings(length)] = static_cast<double>(SeenTerms::doublings(count));
      });
  }

  // Calls add(token, what it gains), where `gain` has a number for each part from was_seen(1) on.
  template <typename Add>
  void for_each_gain(const Vector& gain, const Add& add) {
    for (const Token token : tokens_) {
      double sum = 0.0;
      for (std::size_t i = was_seen(1); i < parts_of(token); ++i) sum += gain[i] * of(token)[i];
      add(static_cast<std::size_t>(token), sum);
    }
  }

  // `probability(token)` is the mixture's.
  template <typename Probability>
  void weigh(std::span<const float> x, std::span<const float> q, Token target, const Probability& probability) {
    means_.assign(size_, 0.0);
    covariances_.assign(size_ * size_, 0.0);
    const auto x0 = static_cast<double>(x[static_cast<std::size_t>(target)]);
    const auto q0 = static_cast<double>(q[static_cast<std::size_t>(target)]);
    double sum = 0.0, mean_x = 0.0, mean_q = 0.0;
    for (std::size_t v = 0; v < x.size(); ++v) {
      const double p = probability(v);
      sum += p;
      mean_x += p * (static_cast<double>(x[v]) - x0);
      mean_q += p * (static_cast<double>(q[v]) - q0);
    }
    double xx = 0.0, xq = 0.0, qq = 0.0;  // about the means, so that no rounding makes them negative
    for (std::size_t v = 0; v < x.size(); ++v) {
      const double p = probability(v);
      const double dx = static_cast<double>(x[v]) - x0 - mean_x, dq = static_cast<double>(q[v]) - q0 - mean_q;
      xx += p * dx * dx;
      xq += p * dx * dq;
      qq += p * dq * dq;
    }
    for (const Token token : tokens_) {
      const auto v = static_cast<std::size_t>(token);
      add_seen(token, probability(v), static_cast<double>(x[v]) - x0 - mean_x, static_cast<double>(q[v]) - q0 - mean_q);
    }
    for (std::size_t i = was_seen(1); i < size_; ++i)  // about the means; the sum is 1 but for rounding
      for (std::size_t j = was_seen(1); j <= i; ++j) covariance(i, j) -= (2.0 - sum) * means_[i] * means_[j];
    for (std::size_t i = was_seen(1); i < size_; ++i) means_[i] -= of(target)[i];
    means_[kGpt] = mean_x;
    means_[kNgram] = mean_q;
    covariance(kGpt, kGpt) = xx;
    covariance(kNgram, kGpt) = xq;
    covariance(kNgram, kNgram) = qq;
  }

  double mean(std::size_t i) const { return means_[i]; }
  double& covariance(std::size_t i, std::size_t j) { return covariances_[std::max(i, j) * size_ + std::min(i, j)]; }

 private:
  double* of(Token token) { return &seen_[static_cast<std::size_t>(token) * width_]; }
  std::size_t parts_of(Token token) const { return 2 * (longest_[static_cast<std::size_t>(token)] + 1); }

  void add_seen(Token token, double p, double dx, double dq) {
    const double* const parts = of(token);
    for (std::size_t i = was_seen(1); i < parts_of(token); ++i) {
      const double part = p * parts[i];
      means_[i] += part;
      covariance(i, kGpt) += part * dx;
      covariance(i, kNgram) += part * dq;
      for (std::size_t j = was_seen(1); j <= i; ++j) covariance(i, j) += part * parts[j];
    }
  }

  const NgramModel& ngram_;
  std::size_t width_;
  std::vector<double> seen_;          // [vocab_size][width_], 0 but where a token was seen
  std::vector<std::size_t> longest_;  // of each token, the length after which it was seen
  std::vector<Token> tokens_;         // those that were seen
  std::size_t size_ = 2;              // parts of the position
  Vector means_;                      // [size_]
  Vector covariances_;                // [size_][size_], of which the lower half counts
};

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

  std::pair<float, float> exponents(const Vector& values, const Position& position) const {
    double gpt = 0.0, ngram = 0.0;
    for (const auto& [term, factor] : Terms::active(position)) {
      gpt += factor * values[term];
      ngram += factor * values[terms_.of_ngram() + term];
    }
    return {static_cast<float>(gpt), static_cast<float>(ngram)};
  }

  // With which number each part is in the logits, of what was seen.
  const Vector& gains(const Vector& values, const Position& position) {
    gains_.assign(Parts::was_seen(position.length + 1), 0.0);
    for_each_seen_term(position,
                       [&](std::size_t term, std::size_t part, double factor) { gains_[part] += factor * values[term]; });
    return gains_;
  }

  // Calls take(term, its part, its factor).
  template <typename Take>
  void for_each_seen_term(const Position& position, const Take& take) const {
    NgramModel::Context context = position.context;
    for (std::size_t length = position.length; length > 0; --length, context = ngram_.shorter(context)) {
      const std::size_t first = terms_.of_length(length);
      take(first, Parts::was_seen(length), 1.0);
      take(first + 1, Parts::was_seen(length), Terms::unit(ngram_.evidence(context)));
      take(first + 2, Parts::doublings(length), 1.0);
    }
  }

  // By a term the loss rises as the mean of its part over the mixture, less that of the target; and the second derivatives are
  // the covariances.
  void add_slopes(const fast::Panels& rows, std::size_t row, std::size_t i, Slopes& slopes) {
    const Position& position = sample_.position(i);
    parts_.see(position);
    parts_.weigh(sample_.logits(i), sample_.logarithms(i), position.target,
                 [&](std::size_t v) { return static_cast<double>(rows.element(row, v)); });
    active_.clear();
    for (const auto& [term, factor] : Terms::active(position)) {
      active_.push_back({term, Parts::kGpt, factor});
      active_.push_back({terms_.of_ngram() + term, Parts::kNgram, factor});
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
  Terms terms_;
  Vector default_values_;
  Parts parts_;
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
