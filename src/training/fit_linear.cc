// SPDX-License-Identifier: MIT
#include "training/fit_linear.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "random/python_random.h"

namespace microgpt {
namespace {

constexpr std::size_t kEpochs = 5;
constexpr double kRate = 1.0;
constexpr float kFirstSquares = 1e-3F;  // that AdaGrad's sums begin with, so that no first step is large
constexpr float kFirstBiasSquares = 1.0F;
constexpr std::size_t kStepsBetweenChecks = 1024;  // some milliseconds

struct DocumentOfClass {
  std::uint32_t its_class;
  std::uint32_t number;
};

class LinearFit {
 public:
  LinearFit(std::span<const ClassDocuments> classes, std::size_t vocab_size)
      : classes_(classes),
        model_(classes.size(), vocab_size),
        squares_(model_.buckets() * (classes.size() - 1), kFirstSquares),
        bias_squares_(classes.size() - 1, kFirstBiasSquares),
        ngrams_(model_.buckets()) {}

  void step(DocumentOfClass document, float rate) {
    find_buckets(document);
    const std::size_t others = model_.biases().size();
    const float scale = 1.0F / std::sqrt(static_cast<float>(buckets_.size()));
    find_gradients(document.its_class, scale);
    for (std::size_t c = 0; c < others; ++c) descend(model_.biases()[c], bias_squares_[c], gradients_[c], rate);
    for (const std::uint32_t bucket : buckets_) {
      const std::span<float> weights = model_.weights(bucket);
      float* const squares = squares_.data() + bucket * others;
      for (std::size_t c = 0; c < others; ++c) descend(weights[c], squares[c], gradients_[c] * scale, rate);
    }
  }

  LinearModel take() { return std::move(model_); }

 private:
  static void descend(float& weight, float& squares, float gradient, float rate) {
    squares += gradient * gradient;
    weight -= rate * gradient / std::sqrt(squares);
  }

  void find_buckets(DocumentOfClass document) {
    const TokenizedDocuments& documents = *classes_[document.its_class].documents;
    tokens_.resize(documents.positions(document.number) + 1);
    documents.copy(document.number, 0, tokens_);
    buckets_.clear();
    ngrams_.begin(tokens_.front());
    for (const Token token : std::span(tokens_).subspan(1)) {
      const std::span<const std::uint32_t> found = ngrams_.add(token);
      buckets_.insert(buckets_.end(), found.begin(), found.end());
    }
  }

  // Of the logits: P(class | document), less 1 for the class that is right. The last class has none.
  void find_gradients(std::size_t its_class, float scale) {
    std::vector<double>& p = probabilities_;
    p.assign(classes_.size(), 0.0);
    gradients_.assign(p.size() - 1, 0.0F);  // first the sums of weights
    for (const std::uint32_t bucket : buckets_) {
      const std::span<const float> weights = std::as_const(model_).weights(bucket);
      for (std::size_t c = 0; c < gradients_.size(); ++c) gradients_[c] += weights[c];
    }
    for (std::size_t c = 0; c < gradients_.size(); ++c) p[c] = static_cast<double>(model_.biases()[c] + gradients_[c] * scale);
    double most = 0.0, total = 0.0;
    for (const double logit : p) most = std::max(most, logit);
    for (double& logit : p) total += logit = std::exp(logit - most);
    for (std::size_t c = 0; c < gradients_.size(); ++c)
      gradients_[c] = static_cast<float>(p[c] / total) - (c == its_class ? 1.0F : 0.0F);
  }

  std::span<const ClassDocuments> classes_;
  LinearModel model_;
  LargeVector<float> squares_;  // as the weights
  std::vector<float> bias_squares_;
  LinearNgrams ngrams_;
  std::vector<Token> tokens_;
  std::vector<std::uint32_t> buckets_;
  std::vector<double> probabilities_;
  std::vector<float> gradients_;
};

}  // namespace

LinearModel fit_linear_model(std::span<const ClassDocuments> classes, std::size_t vocab_size, std::uint64_t seed,
                             const std::function<void()>& check) {
  std::vector<DocumentOfClass> order;
  for (std::size_t c = 0; c < classes.size(); ++c)
    for (std::size_t d = 0; d < classes[c].count; ++d)
      order.push_back({static_cast<std::uint32_t>(c), static_cast<std::uint32_t>(d)});
  LinearFit fit(classes, vocab_size);
  PythonRandom random(seed);
  const double steps = static_cast<double>(kEpochs * order.size());
  std::size_t step = 0;
  for (std::size_t epoch = 0; epoch < kEpochs; ++epoch) {
    random.shuffle(std::span(order));
    for (const DocumentOfClass document : order) {
      if (check && step % kStepsBetweenChecks == 0) check();
      fit.step(document, static_cast<float>(kRate * (1.0 - static_cast<double>(step++) / steps)));
    }
  }
  return fit.take();
}

std::vector<double> linear_evidence(const LinearModel& model, const TokenizedDocuments& documents, std::size_t d) {
  std::vector<Token> tokens(documents.positions(d) + 1);
  documents.copy(d, 0, tokens);
  LinearTally tally(model);
  for (const Token token : std::span(tokens).subspan(1)) tally.add(token);
  return tally.end();
}

}  // namespace microgpt
