// SPDX-License-Identifier: MIT
#include "inference/ngram_pair.h"

#include <fmt/format.h>

#include <cassert>
#include <optional>
#include <utility>

#include "inference/classifier.h"
#include "text/encoded_text.h"

namespace microgpt {

std::string name_of_ngrams(const NgramModel& positive, const NgramModel& negative) {
  if (positive.order() == negative.order()) return fmt::format("{}-grams", positive.order());
  return fmt::format("{}- and {}-gram", positive.order(), negative.order());
}

NgramPair::NgramPair(const Member& positive, const Member& negative)
    : scored_{Scored{positive, NgramLosses(positive.model), {}, {}}, Scored{negative, NgramLosses(negative.model), {}, {}}} {
  assert(positive.tokenizer.encoding() == negative.tokenizer.encoding());
}

void NgramPair::Scored::add_tokens() {
  ScoredPart part{0, loss.positions, tokens, {}, false};
  part.losses = losses.of(part);
  loss.add(part, member.tokenizer.bos());
  tokens.clear();
}

void NgramPair::append(std::string_view piece) {
  Scored& positive = scored_[0];
  Scored& negative = scored_[1];
  for_each_character(positive.member.tokenizer.encoding(), piece, [&](char32_t character) {
    const std::optional<Token> of_positive = positive.member.tokenizer.find(character);
    const std::optional<Token> of_negative = negative.member.tokenizer.find(character);
    const bool is_known = of_positive && of_negative;
    positive.tokens.push_back(is_known ? *of_positive : kUnseen);
    negative.tokens.push_back(is_known ? *of_negative : kUnseen);
    return true;
  });
  for (Scored& scored : scored_) scored.add_tokens();
}

double NgramPair::end_document() {
  std::array<DocumentLoss, 2> losses;
  for (std::size_t i = 0; i < scored_.size(); ++i) {
    scored_[i].tokens.push_back(scored_[i].member.tokenizer.bos());
    scored_[i].add_tokens();
    losses[i] = std::exchange(scored_[i].loss, {});
  }
  return log_likelihood_ratio({losses[0], scored_[0].member.tokenizer.vocab_size()},
                              {losses[1], scored_[1].member.tokenizer.vocab_size()});
}

}  // namespace microgpt
