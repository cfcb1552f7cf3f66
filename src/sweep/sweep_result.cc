// SPDX-License-Identifier: MIT
#include "sweep/sweep_result.h"

#include "io/json.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

Json json_of(const MeanLoss& loss) {
  return Json::object({{"loss_document_mean", loss.document_mean}, {"loss_token_mean", loss.token_mean}});
}

Json json_of(const HeldOutLosses& losses) {
  return Json::object({{"validation", json_of(losses.validation)}, {"test", json_of(losses.test)}});
}

MeanLoss mean_loss_of(const Json& object) {
  return {number_field("", object, "loss_document_mean"), number_field("", object, "loss_token_mean")};
}

HeldOutLosses losses_of(const Json& object) {
  return {mean_loss_of(json_field("", object, "validation")), mean_loss_of(json_field("", object, "test"))};
}

SweepResult result_of(const Json& object) {
  SweepResult result;
  result.parameters = integer_field("", object, "parameters");
  result.steps = integer_field("", object, "steps");
  result.model_step = integer_field("", object, "model_step");
  result.seconds = number_field("", object, "seconds");
  if (object.find("failure") != nullptr)
    result.failure = text_field("", object, "failure");
  else
    result.losses = losses_of(object);
  const Json& ngram = json_field("", object, "ngram");
  result.baseline = {integer_field("", ngram, "order"), losses_of(ngram)};
  return result;
}

}  // namespace

std::string result_line(const NumberedResult& numbered) {
  const SweepResult& result = numbered.result;
  Json object = Json::object({{"configuration", numbered.configuration + 1},
                              {"parameters", result.parameters},
                              {"steps", result.steps},
                              {"model_step", result.model_step},
                              {"seconds", result.seconds}});
  if (result.losses)
    object.append(json_of(*result.losses));
  else
    object["failure"] = result.failure;
  Json& ngram = object["ngram"];
  ngram["order"] = result.baseline.order;
  ngram.append(json_of(result.baseline.losses));
  return dump(object) + "\n";
}

NumberedResult parse_result_line(const std::string& where, std::string_view line) {
  try {
    const Json object = parse_json("", line);
    const std::size_t number = integer_field("", object, "configuration");
    if (number > 0) return {number - 1, result_of(object)};
  } catch (const Error&) {  // NOLINT: said below
  }
  throw Error(where + " is no result; take that line out, and --resume trains its configuration again");
}

}  // namespace microgpt
