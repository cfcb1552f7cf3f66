// SPDX-License-Identifier: MIT
// What scores documents token by token, whatever predicts them: an engine, a mixture (document_scorer.h) or an n-gram alone
// (ngram_scorer.h).
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// Consecutive positions of a document. A document comes in one part or more, in order, and documents come one after another.
struct ScoredPart {
  std::size_t document;                         // in the order in which they were begun, from 0
  std::size_t first;                            // the position in its document of the first of these
  std::span<const Token> targets;               // kUnseen where the character is unseen
  std::span<const double> losses;               // -ln P(target), nats
  bool ends_document;                           // no more of it follows
  std::span<const double> mixed = {};           // as the losses, of the mixture where there is one
  std::span<const ExpectedLoss> expected = {};  // of what predicts, by the mixture where there is one; where it is asked for
  // P(target) by a mixture's n-gram, where there is one and the document begins with BOS; of what is unseen that of BOS.
  std::span<const double> by_ngram = {};
};

class TokenScorer {
 public:
  virtual ~TokenScorer() = default;

  // The next tokens of a document: at least two in all, each kUnseen or of the vocabulary, whose last token is BOS.
  virtual void append(std::span<const Token> tokens) = 0;
  virtual void end_document() = 0;

  // Scores what waits. To be called after the last document; more may follow.
  virtual void finish() = 0;

  // The same for characters of a document, without BOS; its tokens are never all there at once. What a second tokenizer does
  // not know is unseen, too, where there is one. REQUIRES: the text is valid in the encoding of the tokenizers.
  void append_text(const Tokenizer& tokenizer, std::string_view piece, const Tokenizer* other = nullptr);
};

// Characters that a model has never seen: what they cost, and how they look.
//
// Such a character costs ln V + ln 1,114,112 nats, as if the model thought all its tokens equally likely and then all of
// Unicode's code points; it is fed on as BOS. Every predictor does the same, so that they can be compared and mixed.

inline constexpr std::size_t kCodePoints = 1'114'112;

// ln V + ln 1,114,112, in nats.
double unseen_loss(std::size_t vocab_size);

// What to show for each token of Tokenizer::encode_marking_unseen(): as Tokenizer::symbol(), and the character itself where it
// is unseen. REQUIRES: as there.
std::vector<std::string> symbols_of(const Tokenizer& tokenizer, std::string_view document);

}  // namespace microgpt
