// SPDX-License-Identifier: MIT
#include "training/default_context.h"

#include <algorithm>

#include "text/encoded_text.h"
#include "text/split.h"

namespace microgpt {

std::size_t default_context(std::span<const Corpus* const> corpora, const TrainingRunOptions& options) {
  std::size_t longest = 0;
  for (const Corpus* corpus : corpora) {
    if (corpus->kind() == CorpusKind::text) return kDefaultTextContext;
    for (const std::size_t d : split_corpus(*corpus, options.seed, options.held_out).training)
      longest = std::max(longest, count_characters(corpus->encoding(), (*corpus)[d]) + 1);
  }
  return std::min(longest, kMostDefaultContext);
}

}  // namespace microgpt
