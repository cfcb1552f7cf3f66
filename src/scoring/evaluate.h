// SPDX-License-Identifier: MIT
// How well a model predicts documents that it is not trained on, and a part of those that it is.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "microgpt/engine.h"
#include "ngram/ngram_model.h"
#include "scoring/comparison.h"
#include "scoring/evaluation.h"
#include "scoring/predictor_kind.h"
#include "text/tokenized_documents.h"

namespace microgpt {

// Is told now and then how many positions are scored so far. What it throws ends the evaluation.
using EvaluationWatch = std::function<void(std::size_t positions)>;

// Of whole documents: past the context the window slides, as in `eval` (scoring/document_scorer.h).
// Throws what Engine::losses() throws; Error where the loss is no number: the parameters have become too large.
// REQUIRES: there is a document; the documents' tokens are those of the engine's vocabulary.
Evaluation evaluate(Engine& engine, const TokenizedDocuments& documents, const EvaluationWatch& watch = {});

// The same beside a baseline, in one pass. Throws and REQUIRES as above; the vocabularies are the same.
Comparison evaluate(Engine& engine, const TokenizedDocuments& documents, const Baseline& baseline,
                    const EvaluationWatch& watch = {});

// The same positions as the n-gram baseline predicts them. REQUIRES: there is a document; the vocabulary is the model's.
Evaluation evaluate(const NgramModel& model, const TokenizedDocuments& documents);

// What each document costs each predictor, by the number of its PredictorKind: nats of all its positions together; the sums of
// evaluate(). Throws and REQUIRES as there, and there may be no document.
using NatsOfPredictors = std::array<double, kPredictorNames.size()>;
std::vector<NatsOfPredictors> document_nats(Engine& engine, const TokenizedDocuments& documents, const Mixture& mixture,
                                            const EvaluationWatch& watch = {});

}  // namespace microgpt
