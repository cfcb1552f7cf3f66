#include "report/evaluation_table.h"

#include <fmt/format.h>

#include "report/json_text.h"
#include "report/text_table.h"
#include "scoring/unseen.h"

namespace microgpt {
namespace {

std::string describe_unseen(const Evaluation& evaluation, std::size_t vocab_size) {
  if (evaluation.unseen == 0) return "none of the characters";
  return fmt::format("{} of the characters; each costs ln {} + ln {} = {:.3f}", evaluation.unseen, vocab_size, kCodePoints,
                     unseen_loss(vocab_size));
}

void add_predictor(TextTable& table, const std::string& name, const Evaluation& evaluation) {
  table.add_row({name, fmt::format("{:.4f}", evaluation.loss.document_mean), fmt::format("{:.4f}", evaluation.loss.token_mean),
                 fmt::format("{:.4f}", evaluation.bits_per_character()), fmt::format("{:.4f}", evaluation.perplexity())});
}

}  // namespace

std::string evaluation_table(const Evaluation& evaluation, const std::string& corpus, std::size_t vocab_size) {
  using enum TextTable::Align;
  TextTable table(
      {{"loss, nats", left}, {"document mean", right}, {"token mean", right}, {"bits/char", right}, {"perplexity", right}});
  add_predictor(table, "model", evaluation);
  return fmt::format(
             "documents  {} ({})\n"
             "positions  {}: {} characters, and the end of each document\n"
             "unseen     {}\n\n",
             evaluation.documents, corpus, evaluation.positions, evaluation.characters,
             describe_unseen(evaluation, vocab_size)) +
         table.str("");
}

std::string evaluation_json(const Evaluation& evaluation) {
  return json_text({{"documents", evaluation.documents},
                    {"positions", evaluation.positions},
                    {"characters", evaluation.characters},
                    {"unseen", evaluation.unseen},
                    {"loss_document_mean", json_number(evaluation.loss.document_mean)},
                    {"loss_token_mean", json_number(evaluation.loss.token_mean)},
                    {"bits_per_character", json_number(evaluation.bits_per_character())},
                    {"perplexity", json_number(evaluation.perplexity())}});
}

}  // namespace microgpt
