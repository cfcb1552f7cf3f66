// SPDX-License-Identifier: MIT
// What a saved model is: its configuration, vocabulary and parameters.
#pragma once

#include <string>
#include <string_view>

#include "model/saved_model.h"
#include "text/corpus_checks.h"

namespace microgpt {

// Lines "name  fact", and a row for each tensor; and which documents of its corpus do not fit into its context, where any are
// known.
std::string model_table(const SavedModel& model, const LongDocuments& long_documents = {});

// The fields of config.json, then precision, parameters (how many), characters, bos, and tensors with name, shape, offset (in
// elements, in the order of the table) and count; and long_documents, where
// there are any, with longer, documents and longest.
std::string model_json(const SavedModel& model, const LongDocuments& long_documents = {});

// The tokens of a text as the model sees them: BOS, its characters, BOS; "?" marks those that
// it has never seen. REQUIRES: valid UTF-8.
std::string tokens_table(const Tokenizer& tokenizer, std::string_view text);

}  // namespace microgpt
