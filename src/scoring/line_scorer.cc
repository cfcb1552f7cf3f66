// SPDX-License-Identifier: MIT
#include "scoring/line_scorer.h"

#include <cassert>
#include <utility>

#include "scoring/document_scorer.h"
#include "scoring/ngram_scorer.h"

namespace microgpt {

Token line_boundary(const Tokenizer& tokenizer, CorpusKind kind) {
  return kind == CorpusKind::text ? tokenizer.find(U'\n').value_or(tokenizer.bos()) : tokenizer.bos();
}

LineScorer::OfModel::OfModel(const LineModel& model, const Tokenizer* other, std::vector<double>* positions, KeptLosses kept)
    : tokenizer_(*model.tokenizer),
      other_(other),
      boundary_(line_boundary(tokenizer_, model.kind)),
      positions_(positions),
      is_mixed_(model.predictor.mixture != nullptr),
      keeps_parts_(kept.parts) {
  if (kept.parts && model.beside != nullptr) beside_.emplace(*model.beside);
  if (kept.window > 0) peak_.emplace(kept.window);
  if (kept.linear != nullptr) tally_.emplace(*kept.linear);
  const auto take_part = [this](const ScoredPart& part) { take(part); };
  if (model.predictor.engine == nullptr)
    scorer_ = std::make_unique<NgramScorer>(*model.predictor.ngram, take_part, kept.expected);
  else
    scorer_ = std::make_unique<DocumentScorer>(*model.predictor.engine, take_part, model.predictor.mixture,
                                               DocumentScorer::kBatchPositions, kept.expected);
}

void LineScorer::OfModel::score(const LineChunk& chunk) {
  for (std::size_t line = 0; line < chunk.size(); ++line) {
    if (!chunk[line].empty()) append(chunk[line]);
    end_line();
  }
}

void LineScorer::OfModel::append(std::string_view piece) {
  if (!std::exchange(in_line_, true)) append_boundary();
  scorer_->append_text(tokenizer_, piece, other_);
}

void LineScorer::OfModel::end_line() {
  if (!std::exchange(in_line_, false)) append_boundary();
  append_boundary();
  scorer_->end_document();
}

void LineScorer::OfModel::append_boundary() { scorer_->append({&boundary_, 1}); }

void LineScorer::OfModel::take(const ScoredPart& part) {
  if (!std::exchange(in_document_, !part.ends_document)) {
    losses_.emplace_back();
    if (keeps_parts_) parts_.emplace_back();
  }
  if (keeps_parts_) add_parts(part);
  ScoredPart predicted = part;
  if (is_mixed_) predicted.losses = part.mixed;
  losses_.back().add(predicted, boundary_);
  if (peak_) {
    for (const double loss : predicted.losses) peak_->add(loss);
    if (part.ends_document) losses_.back().peak = peak_->take();
  }
  if (tally_) {
    for (const Token target : part.targets) tally_->add(target);
    if (part.ends_document) linear_.push_back(tally_->end());
  }
  if (positions_ != nullptr) positions_->insert(positions_->end(), predicted.losses.begin(), predicted.losses.end());
}

void LineScorer::OfModel::add_parts(const ScoredPart& part) {
  for (const double loss : part.losses) parts_.back().gpt += loss;
  if (!beside_) return;
  for (const double loss : beside_->of(part)) parts_.back().ngram += loss;
}

std::vector<DocumentLoss> LineScorer::OfModel::take() {
  scorer_->finish();
  return std::exchange(losses_, {});
}

LineScorer::LineScorer(const std::vector<LineModel>& models, KeptLosses kept) {
  assert(!models.empty());
  for (std::size_t m = 0; m < models.size(); ++m) {
    const Tokenizer& tokenizer = *models[m].tokenizer;
    const Tokenizer& last = *models[models.size() - 1 - m].tokenizer;
    assert(last.encoding() == tokenizer.encoding());
    const Tokenizer* const other = last.characters() == tokenizer.characters() ? nullptr : &last;
    assert(other == nullptr || models.size() == 2);
    models_.push_back(std::make_unique<OfModel>(models[m], other, kept.positions && m == 0 ? &positions_ : nullptr, kept));
    kept.linear = nullptr;  // the first model's tokens say it all
  }
}

ScoredLines LineScorer::score(const LineChunk& chunk) {
  for (const auto& model : models_) model->score(chunk);
  return take();
}

void LineScorer::append(std::string_view piece) {
  for (const auto& model : models_) model->append(piece);
}

ScoredLines LineScorer::end_line() {
  for (const auto& model : models_) model->end_line();
  return take();
}

ScoredLines LineScorer::take() {
  ScoredLines lines;
  for (const auto& model : models_) {
    lines.by_model.push_back(model->take());
    if (std::vector<NatsOfParts> parts = model->take_parts(); !parts.empty()) lines.parts.push_back(std::move(parts));
  }
  lines.positions = std::exchange(positions_, {});
  lines.linear = models_.front()->take_linear();
  return lines;
}

}  // namespace microgpt
