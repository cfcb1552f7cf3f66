#include "training/sweep_result.h"

#include "io/json.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json json_of(const MeanLoss& loss) {
  return {{"loss_document_mean", loss.document_mean}, {"loss_token_mean", loss.token_mean}};
}

ordered_json json_of(const HeldOutLosses& losses) {
  return {{"validation", json_of(losses.validation)}, {"test", json_of(losses.test)}};
}

MeanLoss mean_loss_of(const json& object) {
  return {object.at("loss_document_mean").get<double>(), object.at("loss_token_mean").get<double>()};
}

HeldOutLosses losses_of(const json& object) { return {mean_loss_of(object.at("validation")), mean_loss_of(object.at("test"))}; }

SweepResult result_of(const json& object) {
  SweepResult result;
  result.parameters = object.at("parameters").get<std::size_t>();
  result.steps = object.at("steps").get<std::size_t>();
  result.model_step = object.at("model_step").get<std::size_t>();
  result.seconds = object.at("seconds").get<double>();
  if (object.contains("failure"))
    result.failure = object.at("failure").get<std::string>();
  else
    result.losses = losses_of(object);
  result.baseline = {object.at("ngram").at("order").get<std::size_t>(), losses_of(object.at("ngram"))};
  return result;
}

}  // namespace

std::string result_line(const NumberedResult& numbered) {
  const SweepResult& result = numbered.result;
  ordered_json object{{"configuration", numbered.configuration + 1},
                      {"parameters", result.parameters},
                      {"steps", result.steps},
                      {"model_step", result.model_step},
                      {"seconds", result.seconds}};
  if (result.losses)
    object.update(json_of(*result.losses));
  else
    object["failure"] = result.failure;
  object["ngram"] = ordered_json{{"order", result.baseline.order}};
  object["ngram"].update(json_of(result.baseline.losses));
  return object.dump(-1, ' ', true) + "\n";
}

NumberedResult parse_result_line(const std::string& where, std::string_view line) {
  try {
    const json object = json::parse(line.begin(), line.end());
    const auto number = object.at("configuration").get<std::size_t>();
    if (number > 0) return {number - 1, result_of(object)};
  } catch (const json::exception&) {  // NOLINT: said below
  }
  throw Error(where + " is no result; take that line out, and --resume trains its configuration again");
}

}  // namespace microgpt
