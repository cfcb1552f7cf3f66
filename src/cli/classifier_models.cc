// SPDX-License-Identifier: MIT
#include "cli/classifier_models.h"

#include <fmt/format.h>

#include "cli/terminal.h"
#include "inference/classifier.h"
#include "microgpt/error.h"
#include "ngram/ngram_file.h"
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
    inform(fmt::format("{} has no mixture with an n-gram, so that both models predict without",
                       positive_.predictor == PredictorKind::gpt ? positive : negative));
    for (LoadedModel* model : {&positive_, &negative_}) {
      model->predictor = PredictorKind::gpt;
      model->mixture.reset();
      model->ngram.reset();
    }
  }
}

bool ClassifierModels::are_the_same() const {
  if (positive_.saved.parameters != negative_.saved.parameters) return false;
  if (!positive_.ngram || !negative_.ngram) return true;
  return ngram_to_bytes(*positive_.ngram) == ngram_to_bytes(*negative_.ngram);
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
