// SPDX-License-Identifier: MIT
// The loss of whole documents, position by position: what `eval`, `score` and the held-out loss of training are made of.
//
// A document is BOS, its characters and BOS, kUnseen standing for characters that the model has never seen (token_scorer.h). It
// may be longer than the context (windows.h). Documents go through the engine many at a time, in an order that lets it share
// their beginnings; what is computed for one depends neither on the others nor on how they fall into batches, to the last bit.
// Memory: a batch of positions and two windows, however long and many the documents are.
// Threads: one at a time, as the engine's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "microgpt/tokenizer.h"
#include "scoring/mixture.h"
#include "scoring/token_scorer.h"
#include "text/batch.h"

namespace microgpt {

class DocumentScorer final : public TokenScorer {
 public:
  // `sink` gets the parts; what they point to is valid during the call. The engine and the mixture, which may be null, must
  // outlive the scorer, and the engine's parameters stay as they are until finish(). The n-gram of a mixture follows a document
  // past the context. REQUIRES: both have the same vocabulary.
  using Sink = std::function<void(const ScoredPart&)>;
  DocumentScorer(Engine& engine, Sink sink, const Mixture* mixture = nullptr, std::size_t batch_positions = kBatchPositions,
                 bool with_expected = false);

  // A batch goes to the engine as soon as it has so many positions. The engine cuts it into parts that suit the processor's
  // cache; the more documents there are, the more alike those are that lie together in a part.
  static constexpr std::size_t kBatchPositions = 65536;

  // Scores a document, sooner or later. REQUIRES: at least two tokens; each is kUnseen or below the engine's vocab_size, whose
  // last token is BOS.
  void add(std::span<const Token> tokens);

  // The same for a document that comes piece by piece.
  void append(std::span<const Token> tokens) override;
  void end_document() override;

  // The same for a text; its tokens are never all there at once. REQUIRES: it is valid in the encoding of the tokenizer, which
  // is the engine's.
  void add_text(const Tokenizer& tokenizer, std::string_view document);

  // Scores what waits. To be called after the last document; more may follow.
  void finish() override;

 private:
  struct PendingWindow {
    std::size_t document;
    std::size_t position;   // in the document, of its first new one
    std::size_t begin;      // where its tokens begin in tokens_
    std::size_t positions;  // tokens that it is fed
    std::size_t seen;       // of these, positions at its beginning that an earlier window has scored
    bool ends_document;
    bool begins_with_bos;  // the document
  };

  void close_window(bool ends_document);
  void score_windows();
  void sort_windows();
  void append_to_batch(const PendingWindow& window);
  void compute_losses_of_batch();
  // A stretch of tokens that the n-gram is to follow, and how far it is.
  struct Followed {
    std::size_t at;
    std::size_t end;
    NgramModel::Context context;
  };
  void follow_waiting();
  template <typename Loss>
  std::span<Loss> new_positions(const PendingWindow& window, std::vector<Loss>& all, std::size_t offset) const;
  std::span<double> new_losses(const PendingWindow& window, std::vector<double>& losses, std::size_t offset) const;

  Engine& engine_;
  Sink sink_;
  const Mixture* mixture_;
  std::size_t block_size_;
  std::size_t batch_positions_;
  bool with_expected_;
  double unseen_loss_;

  std::vector<Token> tokens_;                  // of the windows that wait and of the open one, which may overlap
  std::vector<std::size_t> document_begins_;   // in tokens_, of documents that no batch had a part of
  std::vector<NgramModel::Context> contexts_;  // with a mixture, the n-gram's after those of tokens_ that it has followed
  std::vector<double> by_ngram_;               // and what it held each of them to be before; of a document's first one nothing
  std::vector<Followed> to_follow_;
  std::vector<Followed> followed_together_;
  std::vector<PendingWindow> windows_;
  std::size_t waiting_positions_ = 0;

  std::size_t begin_ = 0;     // where the open window's tokens begin in tokens_
  std::size_t seen_ = 0;      // of its positions, those that an earlier window has
  std::size_t document_ = 0;  // the open one
  std::size_t position_ = 0;  // in it, of the open window's first new one
  bool begins_with_bos_ = false;

  std::vector<std::size_t> order_;         // in which the windows go into the batch
  std::vector<std::size_t> loss_offsets_;  // where the losses of a window are
  Batch batch_;
  std::vector<NgramModel::Context> batch_contexts_;  // with a mixture, of the batch's positions
  std::vector<std::uint32_t> keys_;                  // which tell them apart
  LossesOfBoth losses_;                              // changed with a mixture alone, or where what is expected is asked for
};

}  // namespace microgpt
