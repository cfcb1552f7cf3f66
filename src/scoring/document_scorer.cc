// SPDX-License-Identifier: MIT
#include "scoring/document_scorer.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "scoring/token_scorer.h"
#include "scoring/windows.h"

namespace microgpt {
namespace {

constexpr std::size_t kFetchAhead = 4;         // positions
constexpr std::size_t kFollowedTogether = 16;  // documents

}  // namespace

DocumentScorer::DocumentScorer(Engine& engine, Sink sink, const Mixture* mixture, std::size_t batch_positions,
                               bool with_expected)
    : engine_(engine),
      sink_(std::move(sink)),
      mixture_(mixture),
      block_size_(engine.config().block_size),
      batch_positions_(batch_positions),
      with_expected_(with_expected),
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

// A window is full with block_size positions, whose targets reach one token further. It is closed when more tokens come, as
// only then it is known not to be the last.
void DocumentScorer::append(std::span<const Token> tokens) {
  const bool begins_document = position_ == 0 && seen_ == 0 && tokens_.size() == begin_;
  if (mixture_ != nullptr && begins_document && !tokens.empty()) {
    document_begins_.push_back(begin_);
    begins_with_bos_ = tokens.front() == static_cast<Token>(mixture_->ngram().vocab_size() - 1);
  }
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

// The n-gram goes through all tokens that wait, some documents side by side: what it knows lies far away in memory, and while
// one waits for it another goes on. A document's first token is BOS, or another one of which the n-gram knows as much.
void DocumentScorer::follow_waiting() {
  const NgramModel& ngram = mixture_->ngram();
  const auto bos = static_cast<Token>(ngram.vocab_size() - 1);
  document_begins_.push_back(tokens_.size());
  if (const std::size_t known = contexts_.size(); known < document_begins_.front())
    to_follow_.push_back({known, document_begins_.front(), contexts_.back()});
  contexts_.resize(tokens_.size(), ngram.start());
  by_ngram_.resize(tokens_.size(), 1.0);
  for (std::size_t d = 0; d + 1 < document_begins_.size(); ++d) {
    const std::size_t begin = document_begins_[d];
    to_follow_.push_back({tokens_[begin] == bos ? begin + 1 : begin, document_begins_[d + 1], ngram.start()});
  }
  document_begins_.clear();
  std::size_t next = 0;
  while (next < to_follow_.size() || !followed_together_.empty()) {
    while (next < to_follow_.size() && followed_together_.size() < kFollowedTogether)
      followed_together_.push_back(to_follow_[next++]);
    for (const Followed& each : followed_together_) ngram.fetch_children(each.context);
    for (Followed& each : followed_together_) {
      if (each.at == each.end) continue;
      const Token token = tokens_[each.at];
      const auto [probability, after] = ngram.step(each.context, token == kUnseen ? bos : token);
      ngram.fetch(after);
      by_ngram_[each.at] = probability;
      contexts_[each.at++] = each.context = after;
    }
    std::erase_if(followed_together_, [](const Followed& each) { return each.at == each.end; });
  }
  to_follow_.clear();
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
  windows_.push_back({document_, position_, begin_, positions, seen_, ends_document, begins_with_bos_});
  position_ += positions - seen_;
  waiting_positions_ += positions;
  if (waiting_positions_ >= batch_positions_) score_windows();
}

void DocumentScorer::score_windows() {
  if (mixture_ != nullptr) follow_waiting();
  sort_windows();
  batch_.clear();
  batch_contexts_.clear();
  loss_offsets_.resize(windows_.size());
  for (const std::size_t i : order_) {
    loss_offsets_[i] = batch_.positions();
    append_to_batch(windows_[i]);
  }
  compute_losses_of_batch();
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const PendingWindow& window = windows_[i];
    const std::span<double> plain = new_losses(window, losses_.plain, loss_offsets_[i]);
    const std::span<double> mixed =
        mixture_ == nullptr ? std::span<double>() : new_losses(window, losses_.changed, loss_offsets_[i]);
    const auto targets = std::span(tokens_).subspan(window.begin + 1 + window.seen, plain.size());
    const std::span<const ExpectedLoss> expected =
        with_expected_ ? new_positions(window, losses_.expected, loss_offsets_[i]) : std::span<const ExpectedLoss>();
    const std::span<const double> by_ngram =
        mixture_ != nullptr && window.begins_with_bos
            ? std::span(std::as_const(by_ngram_)).subspan(window.begin + 1 + window.seen, plain.size())
            : std::span<const double>();
    sink_({window.document, window.position, targets, plain, window.ends_document, mixed, expected, by_ngram});
  }
  windows_.clear();
  waiting_positions_ = 0;
  const auto forget = [this](auto& token_data) {
    if (!token_data.empty()) token_data.erase(token_data.begin(), token_data.begin() + static_cast<std::ptrdiff_t>(begin_));
  };
  forget(tokens_);
  forget(contexts_);
  forget(by_ngram_);
  begin_ = 0;
}

void DocumentScorer::compute_losses_of_batch() {
  keys_.clear();
  if (mixture_ == nullptr) {
    losses_.plain.resize(batch_.positions());
    if (!with_expected_) return engine_.losses(batch_, losses_.plain);
    keys_.resize(batch_.positions());
    return engine_.losses(batch_, {keys_, {}, true}, losses_);
  }
  for (const NgramModel::Context context : batch_contexts_) keys_.push_back(context.id());
  const NgramModel& ngram = mixture_->ngram();
  const auto mix = [&](std::size_t position, std::span<float> logits) {
    // The n-gram lies far away, and the next positions are mostly the next to be mixed.
    const std::span<const NgramModel::Context> next = std::span(batch_contexts_).subspan(position);
    if (3 * kFetchAhead < next.size()) ngram.fetch(next[3 * kFetchAhead]);
    if (2 * kFetchAhead < next.size()) ngram.fetch_children(next[2 * kFetchAhead]);
    if (kFetchAhead < next.size()) ngram.fetch_children(ngram.shorter(next[kFetchAhead]));
    mixture_->mix(batch_contexts_[position], logits);
  };
  engine_.losses(batch_, {keys_, mix, with_expected_}, losses_);
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
  if (mixture_ == nullptr) return;
  const auto contexts = contexts_.begin() + static_cast<std::ptrdiff_t>(window.begin);
  batch_contexts_.insert(batch_contexts_.end(), contexts, contexts + positions);
}

// Of the positions of a window that no earlier one has scored.
template <typename Loss>
std::span<Loss> DocumentScorer::new_positions(const PendingWindow& window, std::vector<Loss>& all, std::size_t offset) const {
  return std::span(all).subspan(offset + window.seen, window.positions - window.seen);
}

// What is unseen costs what it costs.
std::span<double> DocumentScorer::new_losses(const PendingWindow& window, std::vector<double>& losses,
                                             std::size_t offset) const {
  const std::span<double> window_losses = new_positions(window, losses, offset);
  for (std::size_t i = 0; i < window_losses.size(); ++i)
    if (tokens_[window.begin + 1 + window.seen + i] == kUnseen) window_losses[i] = unseen_loss_;
  return window_losses;
}

}  // namespace microgpt
