// SPDX-License-Identifier: MIT
#include "report/evaluation_table.h"

#include <fmt/format.h>

#include "report/numbers.h"
#include "report/text_table.h"
#include "scoring/token_scorer.h"

namespace microgpt {
namespace {

std::string describe_unseen(const Evaluation& evaluation, std::size_t vocab_size) {
  if (evaluation.unseen == 0) return "none of the characters";
  return fmt::format("{} of the characters; each costs ln {} + ln {} = {:.3f}", evaluation.unseen, vocab_size, kCodePoints,
                     unseen_loss(vocab_size));
}

void add_row(TextTable& table, const std::string& name, const Evaluation& evaluation, CorpusKind kind) {
  const std::size_t count = kind == CorpusKind::text ? evaluation.characters : evaluation.documents;
  table.add_row({name, fmt::format("{}", count), fmt::format("{:.4f}", evaluation.loss.document_mean),
                 fmt::format("{:.4f}", evaluation.loss.token_mean), fmt::format("{:.4f}", evaluation.bits_per_character()),
                 fmt::format("{:.4f}", evaluation.perplexity())});
}

void add_rows(TextTable& table, const std::string& name, const Comparison& comparison, const CorpusComparison& of) {
  add_row(table, name, comparison.model, of.kind);
  if (comparison.ngram) add_row(table, "  " + name_of_ngram(of.ngram_order), *comparison.ngram, of.kind);
  if (comparison.mixture) add_row(table, fmt::format("  {}", kNameOfMixture), *comparison.mixture, of.kind);
}

Json json_of(const Comparison& comparison, const CorpusComparison& of) {
  const Evaluation& model = comparison.model;
  Json json = Json::object({{"documents", model.documents},
                            {"positions", model.positions},
                            {"characters", model.characters},
                            {"unseen", model.unseen},
                            {"loss_document_mean", json_number(model.loss.document_mean)},
                            {"loss_token_mean", json_number(model.loss.token_mean)},
                            {"bits_per_character", json_number(model.bits_per_character())},
                            {"perplexity", json_number(model.perplexity())}});
  if (comparison.ngram) {
    json["ngram_order"] = of.ngram_order;
    json["ngram_loss_token_mean"] = json_number(comparison.ngram->loss.token_mean);
  }
  if (comparison.mixture) json["mixture_loss_token_mean"] = json_number(comparison.mixture->loss.token_mean);
  return json;
}

}  // namespace

std::string name_of_ngram(std::size_t order) { return fmt::format("{}-gram", order); }

std::string evaluation_table(const CorpusComparison& evaluation, const std::string& corpus, std::size_t vocab_size) {
  using enum TextTable::Align;
  const bool is_text = evaluation.kind == CorpusKind::text;
  TextTable table({{"loss, nats", left},
                   {is_text ? "characters" : "documents", right},
                   {"document mean", right},
                   {"token mean", right},
                   {"bits/char", right},
                   {"perplexity", right}});
  if (evaluation.parts.empty()) add_rows(table, "model", evaluation.all, evaluation);
  for (const auto& [part, comparison] : evaluation.parts) add_rows(table, part, comparison, evaluation);
  const Evaluation& all = evaluation.all.model;
  return fmt::format(
             "{}  {} ({}{})\n"
             "positions  {}: {} characters, and the end of {}\n"
             "unseen     {}\n\n",
             is_text ? "text     " : "documents", is_text ? all.characters : all.documents, corpus,
             evaluation.parts.empty() ? "" : ", which the model was trained on", all.positions, all.characters,
             is_text ? "the text" : "each document", describe_unseen(all, vocab_size)) +
         table.str("");
}

std::string evaluation_json(const CorpusComparison& evaluation) {
  Json json = json_of(evaluation.all, evaluation);
  for (const auto& [part, comparison] : evaluation.parts) json[part] = json_of(comparison, evaluation);
  return json_text(json);
}

}  // namespace microgpt
