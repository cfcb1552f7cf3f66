// How well documents are predicted, as a table beside random guessing, and as JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scoring/evaluation.h"

namespace microgpt {

// What a model says of documents, and an n-gram model of the same, if there is one.
struct Comparison {
  Evaluation model;
  std::optional<Evaluation> ngram;
};

// Of a part of the corpus that the model was trained on.
struct PartComparison {
  std::string part;  // "training", "validation" or "test"
  Comparison comparison;
};

// Of a corpus: all of its documents, and its parts where it is the one that the model was trained on.
struct CorpusComparison {
  std::size_t ngram_order;
  Comparison all;
  std::vector<PartComparison> parts;
};

// What there was to predict, in lines "name  fact", and a row for each predictor, of all documents or of each part; of held-out
// parts each different document counts once. `corpus` stands for the documents.
std::string evaluation_table(const CorpusComparison& evaluation, const std::string& corpus, std::size_t vocab_size);

// The fields documents, positions, characters, unseen, loss_document_mean, loss_token_mean (nats), bits_per_character and
// perplexity; of an n-gram model ngram_order and ngram_loss_token_mean; and the same of the parts in objects of their names.
std::string evaluation_json(const CorpusComparison& evaluation);

}  // namespace microgpt
