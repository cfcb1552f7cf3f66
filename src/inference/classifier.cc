// SPDX-License-Identifier: MIT
#include "inference/classifier.h"

#include <cassert>
#include <cmath>
#include <utility>

#include "inference/calibration.h"

namespace microgpt {
namespace {

PredictorKind predictor_of(ClassMethod method) {
  assert(method != ClassMethod::all);
  if (method == ClassMethod::gpt) return PredictorKind::gpt;
  return method == ClassMethod::ngram ? PredictorKind::ngram : PredictorKind::mixture;
}

}  // namespace

std::string_view name_of(ClassMethod method) { return kClassMethodNames[static_cast<std::size_t>(method)].name; }

Classifier::Classifier(ClassWeights weights, std::vector<double> shares)
    : weights_(std::move(weights)), shares_(std::move(shares)) {
  assert(weights_.classes() == shares_.size());
}

std::vector<double> Classifier::log_probabilities(ClassMethod method, const Evidence& evidence) const {
  return class_log_probabilities(
      method == ClassMethod::all ? class_scores(weights_, evidence) : class_scores(predictor_of(method), evidence), shares_);
}

double Classifier::ratio(ClassMethod method, const Evidence& evidence) const {
  assert(classes() == 2);
  if (method == ClassMethod::all) {
    const std::vector<double> scores = class_scores(weights_, evidence);
    return scores[0] - scores[1];
  }
  const auto k = static_cast<std::size_t>(predictor_of(method));
  return log_likelihood_ratio(evidence.nats[0][k], evidence.nats[1][k]);
}

double Classifier::even_threshold(ClassMethod method) const {
  assert(classes() == 2);
  return method == ClassMethod::all ? std::log(shares_[1] / shares_[0]) : 0.0;
}

}  // namespace microgpt
