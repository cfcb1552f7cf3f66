#include "inference/generate.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/graph/gpt.h"
#include "microgpt/error.h"

namespace microgpt {

std::vector<double> next_token_probabilities(std::span<const double> logits, double temperature) {
  std::vector<Number> scaled;
  scaled.reserve(logits.size());
  for (const double logit : logits) scaled.push_back(Number{logit} / temperature);
  std::vector<double> probabilities;
  probabilities.reserve(logits.size());
  for (const Number p : softmax(scaled)) probabilities.push_back(p.data());
  return probabilities;
}

std::vector<Token> generate(Engine& engine, Token bos, double temperature, PythonRandom& random) {
  const std::unique_ptr<Stream> stream = engine.open_stream();
  std::vector<Token> tokens;
  Token token = bos;
  for (std::size_t position = 0; position < engine.config().block_size; ++position) {
    const std::vector<double> probabilities = next_token_probabilities(stream->feed(token), temperature);
    if (!std::isfinite(probabilities.front()))  // one that is no number makes all of them none
      throw Error(
          fmt::format("at a temperature of {} the probabilities are not numbers any more; choose a higher one", temperature));
    token = static_cast<Token>(random.choice(probabilities));
    if (token == bos) break;
    tokens.push_back(token);
  }
  return tokens;
}

}  // namespace microgpt
