// SPDX-License-Identifier: MIT
#include "web/answer_json.h"

#include <cmath>

#include "report/numbers.h"

namespace microgpt::web {
namespace {

Json evaluation_json(const std::optional<Evaluation>& evaluation) {
  if (!evaluation) return {};
  return Json::object({{"document_mean", loss_json(evaluation->loss.document_mean)},
                       {"token_mean", loss_json(evaluation->loss.token_mean)},
                       {"bits_per_character", loss_json(evaluation->bits_per_character())},
                       {"perplexity", loss_json(evaluation->perplexity())}});
}

}  // namespace

// JSON has neither infinities nor what is no number, as the loss of a training that diverges.
Json loss_json(double loss) { return std::isnan(loss) ? Json("nan") : json_number(loss); }

Json config_json(const Config& config) {
  return Json::object({{"vocab_size", config.vocab_size},
                       {"n_layer", config.n_layer},
                       {"n_embd", config.n_embd},
                       {"n_head", config.n_head},
                       {"block_size", config.block_size}});
}

Json parts_json(const RunLosses& losses) {
  Json parts = Json::array();
  for (const PartComparison& part : losses.parts) {
    const Comparison& comparison = part.comparison;
    parts.push_back(Json::object({{"part", part.part},
                                  {"documents", comparison.model.documents},
                                  {"positions", comparison.model.positions},
                                  {"gpt", evaluation_json(comparison.model)},
                                  {"ngram", evaluation_json(comparison.ngram)},
                                  {"mixture", evaluation_json(comparison.mixture)}}));
  }
  return parts;
}

Json symbols_of(const Tokenizer& tokenizer) {
  Json symbols = Json::array();
  for (Token token = 0; token < static_cast<Token>(tokenizer.vocab_size()); ++token) symbols.push_back(tokenizer.symbol(token));
  return symbols;
}

}  // namespace microgpt::web
