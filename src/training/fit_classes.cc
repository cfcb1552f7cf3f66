// SPDX-License-Identifier: MIT
#include "training/fit_classes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "training/newton.h"

namespace microgpt {
namespace {

using Vector = std::vector<double>;

// Nats that it costs to be off the usual weight by so much as moves the scores by 1, in the mean square.
constexpr double kClassPenalty = 0.05;
constexpr double kMinClassGain = 1e-6;  // nats

// The weights in a row, each times the scale of what it is multiplied with: first those of the predictors and of
// the linear model, then a length and a base for each class.
class WeightLayout {
 public:
  explicit WeightLayout(std::size_t classes) : classes_(classes) {}

  static constexpr std::size_t kLinear = 2 * kPredictors;
  static constexpr std::size_t kShared = kLinear + 1;
  std::size_t size() const { return kShared + 2 * classes_; }
  std::size_t length_of(std::size_t c) const { return kShared + 2 * c; }
  std::size_t base_of(std::size_t c) const { return kShared + 2 * c + 1; }

  Vector values(const ClassWeights& weights, const Vector& scales) const {
    Vector values;
    for (std::size_t k = 0; k < kPredictors; ++k) {
      values.push_back(weights.in_all[k]);
      values.push_back(weights.per_position[k]);
    }
    values.push_back(weights.linear);
    for (std::size_t c = 0; c < classes_; ++c) {
      values.push_back(weights.length_weight[c]);
      values.push_back(weights.base[c]);
    }
    for (std::size_t i = 0; i < values.size(); ++i) values[i] *= scales[i];
    return values;
  }

  ClassWeights weights(const Vector& values, const Vector& scales) const {
    const auto at = [&](std::size_t i) { return values[i] / scales[i]; };
    ClassWeights weights;
    for (std::size_t k = 0; k < kPredictors; ++k) {
      weights.in_all[k] = at(2 * k);
      weights.per_position[k] = at(2 * k + 1);
    }
    weights.linear = at(kLinear);
    for (std::size_t c = 0; c < classes_; ++c) {
      weights.length_weight.push_back(at(length_of(c)));
      weights.base.push_back(at(base_of(c)));
    }
    return weights;
  }

 private:
  std::size_t classes_;
};

// What the weights that the classes share are multiplied with in a document, less the mean over the classes, which changes no
// probability.
class WeighedDocument {
 public:
  WeighedDocument(std::size_t its_class, const Evidence& evidence)
      : its_class_(its_class),
        classes_(evidence.nats.size()),
        length_(static_cast<double>(evidence.positions)),
        factors_(classes_ * WeightLayout::kShared) {
    for (std::size_t k = 0; k < kPredictors; ++k)
      for (std::size_t c = 0; c < classes_; ++c) {
        const EvidenceTerms terms = terms_of(evidence, c, k);
        factor(c, 2 * k) = terms.in_all;
        factor(c, 2 * k + 1) = terms.per_position;
      }
    for (std::size_t c = 0; c < evidence.linear.size(); ++c) factor(c, WeightLayout::kLinear) = evidence.linear[c];
    for (std::size_t i = 0; i < WeightLayout::kShared; ++i) {
      double mean = 0.0;
      for (std::size_t c = 0; c < classes_; ++c) mean += factor(c, i) / static_cast<double>(classes_);
      for (std::size_t c = 0; c < classes_; ++c) factor(c, i) -= mean;
    }
  }

  std::size_t its_class() const { return its_class_; }
  std::size_t classes() const { return classes_; }
  double length() const { return length_; }
  double& factor(std::size_t c, std::size_t i) { return factors_[c * WeightLayout::kShared + i]; }
  double factor(std::size_t c, std::size_t i) const { return factors_[c * WeightLayout::kShared + i]; }

 private:
  std::size_t its_class_;
  std::size_t classes_;
  double length_;
  Vector factors_;  // [classes][kShared]
};

class ClassLoss {
 public:
  ClassLoss(const EvidenceByClass& documents, std::span<const double> shares) : shares_(shares), layout_(shares.size()) {
    for (std::size_t c = 0; c < documents.size(); ++c)
      for (const Evidence& evidence : documents[c]) documents_.emplace_back(c, evidence);
    find_scales();
    default_values_ = layout_.values(default_class_weights(shares.size()), scales_);
  }

  const Vector& default_values() const { return default_values_; }
  ClassWeights weights(const Vector& values) const { return layout_.weights(values, scales_); }

  std::vector<bool> is_nonnegative() const {
    std::vector<bool> is_nonnegative(layout_.size());
    std::fill_n(is_nonnegative.begin(), WeightLayout::kShared, true);
    return is_nonnegative;
  }

  Slopes at(const Vector& values) const {
    Slopes slopes{0.0, Vector(layout_.size()), Vector(layout_.size() * layout_.size())};
    for (std::size_t i = 0; i < layout_.size(); ++i) {
      const double distance = values[i] - default_values_[i];
      slopes.value += kClassPenalty * distance * distance;
      slopes.first[i] += 2.0 * kClassPenalty * distance;
      slopes.second[i * layout_.size() + i] += 2.0 * kClassPenalty;
    }
    for (const WeighedDocument& document : documents_) add(document, values, slopes);
    return slopes;
  }

 private:
  // A weight times its scale moves the scores by as much as the weight itself.
  void find_scales() {
    scales_.assign(layout_.size(), 1.0);
    const auto root_mean = [&](auto square_of) {
      double sum = 0.0;
      for (const WeighedDocument& document : documents_) sum += square_of(document);
      return sum > 0.0 ? std::sqrt(sum / static_cast<double>(documents_.size())) : 1.0;
    };
    for (std::size_t i = 0; i < WeightLayout::kShared; ++i)
      scales_[i] = root_mean([&](const WeighedDocument& document) {
        double sum = 0.0;
        for (std::size_t c = 0; c < shares_.size(); ++c) sum += document.factor(c, i) * document.factor(c, i);
        return sum / static_cast<double>(shares_.size());
      });
    const double length = root_mean([](const WeighedDocument& document) { return document.length() * document.length(); });
    for (std::size_t c = 0; c < shares_.size(); ++c) scales_[layout_.length_of(c)] = length;
  }

  // What the weight of number i is multiplied with in the score of class c: of lengths and bases those of that class alone.
  double factor(const WeighedDocument& document, std::size_t c, std::size_t i) const {
    if (i < WeightLayout::kShared) return document.factor(c, i) / scales_[i];
    if (i == layout_.length_of(c)) return document.length() / scales_[i];
    return i == layout_.base_of(c) ? 1.0 : 0.0;
  }

  // By a weight the loss rises as the mean of its factors, over P(class | document), less that of the class that is right; and
  // the second derivatives are the covariances. Of each class few weights count.
  void add(const WeighedDocument& document, const Vector& values, Slopes& slopes) const {
    const std::size_t classes = shares_.size(), size = layout_.size();
    Vector scores(classes), means(size);
    for (std::size_t c = 0; c < classes; ++c)
      for_each_coefficient(c, [&](std::size_t i) { scores[c] += values[i] * factor(document, c, i); });
    Vector probabilities = class_log_probabilities(scores, shares_);
    slopes.value -= probabilities[document.its_class()];
    for (double& p : probabilities) p = std::exp(p);
    for (std::size_t c = 0; c < classes; ++c)
      for_each_coefficient(c, [&](std::size_t i) {
        const double x = factor(document, c, i);
        means[i] += probabilities[c] * x;
        for_each_coefficient(
            c, [&](std::size_t j) { slopes.second[i * size + j] += probabilities[c] * x * factor(document, c, j); });
      });
    for (std::size_t i = 0; i < size; ++i) {
      slopes.first[i] += means[i] - factor(document, document.its_class(), i);
      for (std::size_t j = 0; j < size; ++j) slopes.second[i * size + j] -= means[i] * means[j];
    }
  }

  template <typename Take>
  void for_each_coefficient(std::size_t c, Take take) const {
    for (std::size_t i = 0; i < WeightLayout::kShared; ++i) take(i);
    take(layout_.length_of(c));
    take(layout_.base_of(c));
  }

  std::vector<WeighedDocument> documents_;
  std::span<const double> shares_;
  WeightLayout layout_;
  Vector scales_;
  Vector default_values_;
};

}  // namespace

ClassWeights fit_class_weights(const EvidenceByClass& documents, std::span<const double> shares) {
  const ClassLoss loss(documents, shares);
  const auto at = [&](const Vector& values) { return loss.at(values); };
  return loss.weights(minimise(at, loss.default_values(), kMinClassGain, loss.is_nonnegative()));
}

std::vector<double> shares_in(const EvidenceByClass& documents) {
  std::vector<double> shares;
  for (const std::vector<Evidence>& class_documents : documents) shares.push_back(static_cast<double>(class_documents.size()));
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= all;
  return shares;
}

}  // namespace microgpt
