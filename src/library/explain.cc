// SPDX-License-Identifier: MIT
#include "microgpt/explain.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>

#include "inference/explain_document.h"
#include "library/model_parts.h"
#include "microgpt/error.h"
#include "report/explanation/explanation_json.h"

namespace microgpt {

Explanation explain(const Model& model, std::string_view document, const ExplainOptions& options) {
  const ModelParts& parts = model.parts();
  const Tokenizer& tokenizer = model.tokenizer();
  require_valid(tokenizer, "document", document);
  if (options.head && !options.attention) throw ConfigError("head", "goes with attention");
  if (options.head && *options.head >= model.config().n_head)
    throw ConfigError("head",
                      fmt::format("{} is none of the model's heads, 0 to {}", *options.head, model.config().n_head - 1));
  const PredictorKind predictor = chosen_predictor(model, options.predictor);
  std::optional<Mixture> ngram_alone;
  if (predictor == PredictorKind::ngram) ngram_alone.emplace(*parts.ngram, ngram_only_weights(parts.ngram->order()));
  const Mixture* const mixture = ngram_alone ? &*ngram_alone : predictor == PredictorKind::mixture ? &*parts.mixture : nullptr;
  const std::unique_ptr<Engine> engine = engine_of(parts);
  Explanation explanation = explain(*engine, tokenizer, document, options.alternatives, mixture);
  if (std::isnan(explanation.total_nats())) throw Error("the loss is not a number: the parameters of the model are too large");
  if (options.attention) explain_attention(*engine, tokenizer, document, explanation, options.head);
  return explanation;
}

std::string to_json(const Explanation& explanation, const Model& model, std::string_view document) {
  return explanation_json(explanation, model.tokenizer(), std::string(document));
}

}  // namespace microgpt
