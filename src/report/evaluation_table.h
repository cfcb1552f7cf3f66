// How well documents are predicted, as a table beside random guessing, and as JSON.
#pragma once

#include <cstddef>
#include <string>

#include "scoring/evaluation.h"

namespace microgpt {

// What there was to predict, in lines "name  fact", and a row for the model and one for random guessing among `vocab_size`
// tokens, which costs the same for what is unseen. `corpus` stands for the documents.
std::string evaluation_table(const Evaluation& evaluation, const std::string& corpus, std::size_t vocab_size);

// The fields documents, positions, characters, unseen, loss_document_mean, loss_token_mean (nats), bits_per_character and
// perplexity.
std::string evaluation_json(const Evaluation& evaluation);

}  // namespace microgpt
