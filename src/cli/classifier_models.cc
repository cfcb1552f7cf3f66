// SPDX-License-Identifier: MIT
#include "cli/classifier_models.h"

#include <fmt/format.h>

#include "inference/classifier.h"
#include "microgpt/error.h"
#include "training/run_folder.h"

namespace microgpt {

ClassifierModels::ClassifierModels(const std::string& positive, const std::string& negative, EngineKind engine,
                                   std::optional<PredictorKind> predictor)
    : positive_(load_for(positive, engine, predictor)),
      negative_(load_for(negative, engine, predictor)),
      named_{{&positive_, positive}, {&negative_, negative}} {
  if (positive_.saved.tokenizer.encoding() != negative_.saved.tokenizer.encoding())
    throw Error(fmt::format("{} and {} do not go together: the characters of one are bytes", positive, negative));
  if (positive_.predictor != negative_.predictor) {  // only one of them has a mixture
    positive_ = load_for(positive, engine);
    negative_ = load_for(negative, engine);
  }
}

void ClassifierModels::load_ngrams() {
  positive_ngram_ = load_baseline(named_[0].folder, positive_.saved.config);
  negative_ngram_ = load_baseline(named_[1].folder, negative_.saved.config);
}

double ClassifierModels::ratio(const ScoredLines& lines, std::size_t line) const {
  return log_likelihood_ratio({lines.by_model[0][line], positive_.saved.config.vocab_size},
                              {lines.by_model[1][line], negative_.saved.config.vocab_size});
}

NgramPair ClassifierModels::ngrams() const {
  return {{*positive_ngram_, positive_.saved.tokenizer}, {*negative_ngram_, negative_.saved.tokenizer}};
}

std::string ClassifierModels::name_of_ngrams() const { return microgpt::name_of_ngrams(*positive_ngram_, *negative_ngram_); }

}  // namespace microgpt
