// SPDX-License-Identifier: MIT
#include "inference/classifier.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <utility>

#include "inference/calibration.h"
#include "scoring/token_scorer.h"

namespace microgpt {
namespace {

PredictorKind predictor_of(ClassMethod method) {
  assert(method != ClassMethod::all && method != ClassMethod::linear);
  if (method == ClassMethod::gpt) return PredictorKind::gpt;
  return method == ClassMethod::ngram ? PredictorKind::ngram : PredictorKind::mixture;
}

ProbabilityFigures probability_figures(const EvidenceClassifier& classifier, const EvidenceByClass& documents) {
  CalibrationTally tally;
  double log_loss = 0.0;
  std::size_t count = 0;
  for (std::size_t c = 0; c < documents.size(); ++c)
    for (const Evidence& evidence : documents[c]) {
      const std::vector<double> logarithms = classifier.log_probabilities(ClassMethod::all, evidence);
      tally.add(std::min(1.0, std::exp(logarithms[0])), c == 0);
      log_loss -= logarithms[c];
      ++count;
    }
  return {tally.error(), log_loss / static_cast<double>(count)};
}

}  // namespace

std::string_view name_of(ClassMethod method) { return kClassMethodNames[static_cast<std::size_t>(method)].name; }

EvidenceClassifier::EvidenceClassifier(ClassWeights weights, std::vector<double> shares)
    : weights_(std::move(weights)), shares_(std::move(shares)) {
  assert(weights_.classes() == shares_.size());
}

std::vector<double> EvidenceClassifier::log_probabilities(ClassMethod method, const Evidence& evidence) const {
  if (method == ClassMethod::linear) return evidence.linear;
  return class_log_probabilities(
      method == ClassMethod::all ? class_scores(weights_, evidence) : class_scores(predictor_of(method), evidence), shares_);
}

double EvidenceClassifier::ratio(ClassMethod method, const Evidence& evidence) const {
  assert(classes() == 2);
  if (method == ClassMethod::all) {
    const std::vector<double> scores = class_scores(weights_, evidence);
    return scores[0] - scores[1];
  }
  if (method == ClassMethod::linear) return evidence.linear[0] - evidence.linear[1] - std::log(shares_[0] / shares_[1]);
  const auto k = static_cast<std::size_t>(predictor_of(method));
  return log_likelihood_ratio(evidence.nats[0][k], evidence.nats[1][k]);
}

double EvidenceClassifier::even_threshold(ClassMethod method) const {
  assert(classes() == 2);
  return method == ClassMethod::all ? std::log(shares_[1] / shares_[0]) : 0.0;
}

Evidence evidence_of(const ScoredLines& lines, std::size_t line, std::span<const EvidenceModel> models, bool has_parts) {
  Evidence evidence;
  for (std::size_t c = 0; c < models.size(); ++c) {
    const DocumentLoss& loss = lines.by_model[c][line];
    const double unseen = static_cast<double>(loss.unseen) * unseen_loss(models[c].vocab_size);
    auto& nats = evidence.nats.emplace_back();
    const auto set = [&](PredictorKind predictor, double cost) { nats[static_cast<std::size_t>(predictor)] = cost - unseen; };
    evidence.positions = loss.positions;
    if (has_parts) {
      set(PredictorKind::gpt, lines.parts[c][line].gpt);
      set(PredictorKind::ngram, lines.parts[c][line].ngram);
    }
    set(models[c].predictor, loss.nats);
  }
  if (!lines.linear.empty()) evidence.linear = lines.linear[line];
  return evidence;
}

std::vector<double> ratios_of(const EvidenceClassifier& classifier, ClassMethod method,
                              const std::vector<Evidence>& documents) {
  std::vector<double> ratios;
  for (const Evidence& evidence : documents) ratios.push_back(classifier.ratio(method, evidence));
  return ratios;
}

std::vector<ClassifierResult> pair_results(const EvidenceClassifier& classifier, const std::vector<ComparedMethod>& methods,
                                           const std::vector<double>& thresholds, const EvidenceByClass& documents,
                                           bool says_probabilities) {
  assert(documents.size() == 2 && thresholds.size() == methods.size());
  std::vector<ClassifierResult> results;
  for (std::size_t i = 0; i < methods.size(); ++i) {
    const ClassMethod method = methods[i].method;
    Roc roc(ratios_of(classifier, method, documents[0]), ratios_of(classifier, method, documents[1]));
    results.push_back({methods[i], std::move(roc), thresholds[i]});
    if (says_probabilities && method == ClassMethod::all)
      results.back().probabilities = probability_figures(classifier, documents);
  }
  return results;
}

std::vector<ClassesResult> classes_results(const EvidenceClassifier& classifier, const std::vector<ComparedMethod>& methods,
                                           const EvidenceByClass& documents) {
  std::vector<ClassesResult> results;
  for (const ComparedMethod& compared : methods) {
    ClassTally tally(classifier.classes());
    for (std::size_t c = 0; c < documents.size(); ++c)
      for (const Evidence& evidence : documents[c]) tally.add(c, classifier.log_probabilities(compared.method, evidence));
    results.push_back({compared, std::move(tally)});
  }
  return results;
}

}  // namespace microgpt
