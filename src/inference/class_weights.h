// SPDX-License-Identifier: MIT
// How a classifier weighs what the models of its classes say of a document.
//
// Each class has a model, and each model three predictors: its GPT, its n-gram and their mixture (scoring/mixture.h). Of class
// c the score of a document x with n positions is
//     base_c + length_weight_c n + sum over the predictors k of (in_all_k + per_position_k / n) ln P_k(x | c),
// as large as the document is likely in that class. Scores and the logarithms of how frequent the classes are, added, are the
// logits of P(c | x): multinomial logistic regression with weights that the classes share. Where the classifier has a linear
// model (scoring/linear_model.h), in_all_linear ln P_linear(c | x) is added, which needs no more: it is of the whole document.
// The weights of predictors are not negative, so that none counts for the class that it holds to be less likely. They are
// fitted to documents that were not trained on (training/fit_classes.h). Of two classes, the difference of the scores is a
// calibrated log-likelihood ratio (Brümmer and du Preez, "Application-independent evaluation of speaker detection", 2006).
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "scoring/mixture.h"

namespace microgpt {

inline constexpr std::size_t kPredictors = kPredictorNames.size();  // by the number of their PredictorKind

// What the models say of a document.
struct Evidence {
  std::size_t positions = 0;                          // its end included
  std::vector<std::array<double, kPredictors>> nats;  // [classes], -ln P, what is unseen left out
  std::vector<double> linear = {};                    // [classes], ln P(class | document) by the linear model, if there is one
};

using EvidenceByClass = std::vector<std::vector<Evidence>>;  // [classes][documents], where it is known of which they are

struct ClassWeights {
  std::array<double, kPredictors> in_all{};
  std::array<double, kPredictors> per_position{};
  double linear = 0.0;
  std::vector<double> length_weight = {};  // [classes]
  std::vector<double> base = {};           // [classes]

  std::size_t classes() const { return base.size(); }
};

// Half of what the mixture says, and nothing else: it is surer than it should be, as the positions of a document do not tell
// apart independently of one another. Most that are fitted are near to that.
ClassWeights default_class_weights(std::size_t classes);

// What a weight of a predictor is multiplied with: ln P(x | class), and that over the positions. Finite, as what is impossible
// is held to be very unlikely.
struct EvidenceTerms {
  double in_all;
  double per_position;
};
EvidenceTerms terms_of(const Evidence& evidence, std::size_t class_index, std::size_t predictor);

// [classes], finite: by all predictors, or by one of them alone. REQUIRES: the weights have as many classes.
std::vector<double> class_scores(const ClassWeights& weights, const Evidence& evidence);
std::vector<double> class_scores(PredictorKind predictor, const Evidence& evidence);

// ln P(class | document) of scores and of the share that each class has of all documents. REQUIRES: as many of both; the scores
// are finite, and the shares above 0.
std::vector<double> class_log_probabilities(std::span<const double> scores, std::span<const double> shares);

}  // namespace microgpt
