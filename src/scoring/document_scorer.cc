// SPDX-License-Identifier: MIT
#include "scoring/document_scorer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>
#include <utility>

#include "scoring/unseen.h"
#include "scoring/windows.h"
#include "text/encoded_text.h"

namespace microgpt {

DocumentScorer::DocumentScorer(Engine& engine, Sink sink, std::size_t batch_positions)
    : engine_(engine),
      sink_(std::move(sink)),
      block_size_(engine.config().block_size),
      batch_positions_(batch_positions),
      unseen_loss_(unseen_loss(engine.config().vocab_size)) {}

void DocumentScorer::add(std::span<const Token> tokens) {
  append(tokens);
  end_document();
}

void DocumentScorer::add_text(const Tokenizer& tokenizer, std::string_view document) {
  const Token bos = tokenizer.bos();
  append({&bos, 1});
  append_text(tokenizer, document);
  append({&bos, 1});
  end_document();
}

void DocumentScorer::append_text(const Tokenizer& tokenizer, std::string_view piece, const Tokenizer* other) {
  constexpr std::size_t kTokensAtATime = 1024;
  std::array<Token, kTokensAtATime> tokens;
  std::size_t size = 0;
  for_each_character(tokenizer.encoding(), piece, [&](char32_t c) {
    const bool is_known = other == nullptr || other->find(c).has_value();
    tokens[size++] = is_known ? tokenizer.find(c).value_or(kUnseen) : kUnseen;
    if (size == kTokensAtATime) append(tokens);
    size %= kTokensAtATime;
    return true;
  });
  append(std::span(tokens).first(size));
}

// A window is full with block_size positions, whose targets reach one token further. It is closed when more tokens come, as
// only then it is known not to be the last.
void DocumentScorer::append(std::span<const Token> tokens) {
  while (!tokens.empty()) {
    if (tokens_.size() - begin_ == block_size_ + 1) {
      close_window(false);
      begin_ += window_stride(block_size_);
      seen_ = block_size_ - window_stride(block_size_);
    }
    const std::size_t count = std::min(tokens.size(), begin_ + block_size_ + 1 - tokens_.size());
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count));
    tokens = tokens.subspan(count);
  }
}

void DocumentScorer::end_document() {
  close_window(true);
  begin_ = tokens_.size();
  seen_ = 0;
  position_ = 0;
  ++document_;
}

void DocumentScorer::finish() {
  if (!windows_.empty()) score_windows();
}

void DocumentScorer::close_window(bool ends_document) {
  assert(tokens_.size() - begin_ >= seen_ + 2);
  const std::size_t positions = tokens_.size() - begin_ - 1;
  windows_.push_back({document_, position_, begin_, positions, seen_, ends_document});
  position_ += positions - seen_;
  waiting_positions_ += positions;
  if (waiting_positions_ >= batch_positions_) score_windows();
}

void DocumentScorer::score_windows() {
  sort_windows();
  batch_.clear();
  places_.resize(windows_.size());
  for (const std::size_t i : order_) {
    places_[i] = batch_.positions();
    append_to_batch(windows_[i]);
  }
  std::vector<double> losses = engine_.losses(batch_);
  for (std::size_t i = 0; i < windows_.size(); ++i)
    hand_over(windows_[i], std::span(losses).subspan(places_[i], windows_[i].positions));
  windows_.clear();
  waiting_positions_ = 0;
  tokens_.erase(tokens_.begin(), tokens_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
}

// By their tokens: those that begin alike become neighbours, and an engine can compute their beginnings once.
void DocumentScorer::sort_windows() {
  order_.resize(windows_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  const auto inputs = [this](std::size_t i) { return std::span(tokens_).subspan(windows_[i].begin, windows_[i].positions); };
  std::sort(order_.begin(), order_.end(), [&](std::size_t i, std::size_t j) {
    const auto a = inputs(i);
    const auto b = inputs(j);
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  });
}

// What is unseen goes in as BOS, and as a target it stands for any: its loss is not the engine's.
void DocumentScorer::append_to_batch(const PendingWindow& window) {
  const auto bos = static_cast<Token>(engine_.config().vocab_size - 1);
  batch_.append(std::span(tokens_).subspan(window.begin, window.positions + 1), block_size_);
  const auto positions = static_cast<std::ptrdiff_t>(window.positions);
  std::replace(batch_.inputs.end() - positions, batch_.inputs.end(), kUnseen, bos);
  std::replace(batch_.targets.end() - positions, batch_.targets.end(), kUnseen, bos);
}

void DocumentScorer::hand_over(const PendingWindow& window, std::span<double> losses) const {
  const auto targets = std::span(tokens_).subspan(window.begin + 1 + window.seen, window.positions - window.seen);
  losses = losses.subspan(window.seen);
  for (std::size_t i = 0; i < targets.size(); ++i)
    if (targets[i] == kUnseen) losses[i] = unseen_loss_;
  sink_({window.document, window.position, targets, losses, window.ends_document});
}

}  // namespace microgpt
