#include "scoring/ngram_losses.h"

#include <algorithm>

#include "scoring/unseen.h"

namespace microgpt {

// What is unseen is fed on as BOS, and as a target it stands for any: its loss is not the model's.
void append_ngram_losses(const NgramModel& model, std::span<const Token> tokens, std::vector<double>& losses) {
  const std::size_t begin = losses.size();
  if (std::find(tokens.begin(), tokens.end(), kUnseen) == tokens.end()) return model.append_losses(tokens, losses);
  std::vector<Token> known(tokens.begin(), tokens.end());
  std::replace(known.begin(), known.end(), kUnseen, static_cast<Token>(model.vocab_size() - 1));
  model.append_losses(known, losses);
  for (std::size_t i = 1; i < tokens.size(); ++i)
    if (tokens[i] == kUnseen) losses[begin + i - 1] = unseen_loss(model.vocab_size());
}

}  // namespace microgpt
