// SPDX-License-Identifier: MIT
#include "report/explanation/explanation_json.h"

#include "engine/loss.h"
#include "report/numbers.h"

namespace microgpt {
namespace {

Json position_json(const PositionLoss& position, const Tokenizer& tokenizer) {
  Json alternatives = Json::array();
  for (const Candidate& candidate : position.alternatives)
    alternatives.push_back(
        Json::object({{"token", tokenizer.symbol(candidate.token)}, {"probability", candidate.probability}}));
  Json json = Json::object({{"input", position.input_symbol},
                            {"target", position.target_symbol},
                            {"probability", position.probability},
                            {"nats", json_number(position.nats)},
                            {"bits", json_number(position.bits())},
                            {"alternatives", std::move(alternatives)}});
  if (position.target == kUnseen)
    json["unseen"] = true;
  else if (!position.parts)
    json["gradient_at_target"] = position.probability - 1.0;
  if (position.parts) {
    const auto part = [](double probability, float exponent) {
      return Json::object({{"probability", probability}, {"exponent", static_cast<double>(exponent)}});
    };
    json["gpt"] = part(position.parts->gpt, position.parts->exponents.gpt);
    json["ngram"] = part(position.parts->ngram, position.parts->exponents.ngram);
  }
  if (!position.attention.empty()) {
    json["attention_begin"] = position.attention_begin;
    json["attention"] = position.attention;
  }
  return json;
}

}  // namespace

std::string explanation_json(const Explanation& explanation, const Tokenizer& tokenizer, const std::string& text) {
  Json positions = Json::array();
  for (const PositionLoss& position : explanation.positions) positions.push_back(position_json(position, tokenizer));
  const double sum = explanation.total_nats(), mean = explanation.mean_nats();
  Json json = Json::object({{"text", text},
                            {"positions", std::move(positions)},
                            {"loss_sum", json_number(sum)},
                            {"loss_mean", json_number(mean)},
                            {"loss_random", uniform_loss(explanation.vocab_size)},
                            {"loss_sum_random", explanation.random_nats()},
                            {"bits_sum", json_number(nats_to_bits(sum))},
                            {"bits_mean", json_number(nats_to_bits(mean))},
                            {"unseen", explanation.unseen()},
                            {"vocab_size", explanation.vocab_size},
                            {"block_size", explanation.block_size}});
  if (!explanation.heads.empty()) json["attention_heads"] = explanation.heads;
  return json_text(json);
}

}  // namespace microgpt
