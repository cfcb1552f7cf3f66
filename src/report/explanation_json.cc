#include "report/explanation_json.h"

#include "engine/mean_loss.h"
#include "report/json_text.h"

namespace microgpt {
namespace {

using nlohmann::ordered_json;

ordered_json position_json(const PositionLoss& position, const Tokenizer& tokenizer) {
  ordered_json alternatives = ordered_json::array();
  for (const Candidate& candidate : position.alternatives)
    alternatives.push_back({{"token", tokenizer.symbol(candidate.token)}, {"probability", candidate.probability}});
  ordered_json json{{"input", position.input_symbol},       {"target", position.target_symbol},
                    {"probability", position.probability},  {"nats", json_number(position.nats)},
                    {"bits", json_number(position.bits())}, {"alternatives", std::move(alternatives)}};
  if (position.target == kUnseen)
    json["unseen"] = true;
  else
    json["gradient_at_target"] = position.probability - 1.0;
  if (!position.attention.empty()) {
    json["attention_begin"] = position.attention_begin;
    json["attention"] = position.attention;
  }
  return json;
}

}  // namespace

std::string explanation_json(const Explanation& explanation, const Tokenizer& tokenizer, const std::string& text) {
  ordered_json positions = ordered_json::array();
  for (const PositionLoss& position : explanation.positions) positions.push_back(position_json(position, tokenizer));
  return json_text({{"text", text},
                    {"positions", std::move(positions)},
                    {"loss_sum", json_number(explanation.total_nats())},
                    {"loss_mean", json_number(explanation.mean_nats())},
                    {"loss_random", uniform_loss(explanation.vocab_size)},
                    {"loss_sum_random", explanation.random_nats()},
                    {"unseen", explanation.unseen()}});
}

}  // namespace microgpt
