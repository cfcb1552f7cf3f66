// SPDX-License-Identifier: MIT
// How well documents are predicted, as a table beside random guessing, and as JSON.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/score.h"

namespace microgpt {

// Of a part of the corpus that the model was trained on.
struct PartComparison {
  std::string part;  // "training", "validation" or "test"
  Comparison comparison;
};

// Of a corpus: all of its documents, and its parts where it is the one that the model was trained on.
struct CorpusComparison {
  std::size_t ngram_order;  // 0: there is no n-gram
  Comparison all;
  std::vector<PartComparison> parts;
  CorpusKind kind = CorpusKind::lines;
};

// What an n-gram is called in tables, "5-gram", and the mixture of a model with it.
std::string name_of_ngram(std::size_t order);
inline constexpr std::string_view kNameOfMixture = "mixture";

// What there was to predict, in lines "name  fact", and a row for each predictor, of all documents or of each part; of held-out
// parts each different document counts once. `corpus` stands for the documents.
std::string evaluation_table(const CorpusComparison& evaluation, const std::string& corpus, std::size_t vocab_size);

// The fields documents, positions, characters, unseen, loss_document_mean, loss_token_mean (nats), bits_per_character and
// perplexity; of an n-gram model ngram_order and ngram_loss_token_mean; of a mixture mixture_loss_token_mean;
// and the same of the parts in objects of their names.
std::string evaluation_json(const CorpusComparison& evaluation);

}  // namespace microgpt
