// SPDX-License-Identifier: MIT
// Whether a model can be trained in the memory that there is.
#pragma once

#include "engine/make_engine.h"
#include "microgpt/config.h"
#include "text/tokenized_documents.h"

namespace microgpt {

// Throws ConfigError where training takes more than usable_memory(): with the fast engine fast_training_bytes() of batches of
// so many positions; with the exact one the parameters, their gradient, two moments and initial values, as what else there is
// depends on the documents. The graph engine looks after itself, as its graph is far larger.
void require_training_memory(const Config& config, EngineKind engine, std::size_t positions);

// The same where the fast engine learns from what a teacher predicts for these documents, too.
void require_teacher_memory(const Config& config, std::size_t positions, const TokenizedDocuments& documents);

}  // namespace microgpt
