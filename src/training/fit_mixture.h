// SPDX-License-Identifier: MIT
// The weights of a mixture (scoring/mixture.h), fitted to documents that were not trained on.
//
// The loss on them is convex in all terms, those of both exponents and those of what was seen, as it is the logarithm of a sum
// of exponentials of what is linear in them, less what is linear. So Newton's method with steps that are made shorter where
// they do not help finds the one minimum. A square penalty, of kPenalty nats at a distance of 1, holds each term near to what
// is usual where few documents say otherwise. The same bits on every target and with any number of threads.
#pragma once

#include "engine/engine.h"
#include "microgpt/score.h"
#include "ngram/ngram_model.h"
#include "scoring/mixture.h"
#include "text/tokenized_documents.h"

namespace microgpt {

// Of many documents some positions are taken, one of each so many, so that there are at most about so many, and about so many
// probabilities in all.
inline constexpr std::size_t kMaxMixturePositions = std::size_t{1} << 17;
inline constexpr std::size_t kMaxMixtureNumbers = std::size_t{1} << 22;

// The watch is told of the positions that are done. Throws what it and Engine::losses() throw. REQUIRES: there is a document;
// each begins with BOS; all have the same vocabulary.
MixtureWeights fit_mixture(Engine& engine, const NgramModel& ngram, const TokenizedDocuments& validation, Target target,
                           const EvaluationWatch& watch = {});

}  // namespace microgpt
