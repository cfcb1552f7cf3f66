#include "inference/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>
#include <optional>

#include "microgpt/error.h"
#include "random/counter_random.h"

namespace microgpt {
namespace {

// The token at which the sum of the probabilities passes `u`, a number in [0, 1).
Token choose(std::span<const float> probabilities, double u) {
  double sum = 0.0;
  std::size_t likeliest = 0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    sum += static_cast<double>(probabilities[i]);
    if (u < sum) return static_cast<Token>(i);
    if (probabilities[i] > probabilities[likeliest]) likeliest = i;
  }
  return static_cast<Token>(likeliest);  // the probabilities' rounded sum may be a little below 1
}

Token choose_likeliest(std::span<const float> probabilities) {
  return static_cast<Token>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
}

class Sampler {
 public:
  Sampler(Engine& engine, Token bos, std::size_t count, const SamplerOptions& options)
      : options_(options),
        bos_(bos),
        block_size_(engine.config().block_size),
        count_(count),
        streams_(engine.open_streams(std::min(count, kSamplerStreams), options.temperature > 0.0 ? options.temperature : 1.0)),
        slots_(streams_->size()),
        inputs_(streams_->size(), bos) {
    assert(options.prompt.size() < block_size_);
    for (std::size_t i = 0; i < slots_.size(); ++i) begin_document(i);
  }

  void run(const std::function<void(std::span<const Token>)>& take) {
    while (taken_ < count_) {
      streams_->feed(inputs_);
      for (std::size_t i = 0; i < slots_.size(); ++i) extend(i);
      hand_over(take);
    }
  }

 private:
  struct Slot {
    std::size_t document;
    std::size_t fed = 0;  // tokens, BOS included
    std::vector<Token> tokens;
  };

  void begin_document(std::size_t i) {
    streams_->restart(i);
    slots_[i] = {next_document_++, 0, {}};
    inputs_[i] = bos_;
  }

  // The next token of the document in slot i; where it ends, another document takes the slot.
  void extend(std::size_t i) {
    Slot& slot = slots_[i];
    const std::span<const float> probabilities = streams_->probabilities(i);
    if (!std::isfinite(probabilities.front()))
      throw Error(fmt::format("at a temperature of {} the probabilities are not numbers any more; choose a higher one",
                              options_.temperature));
    const std::size_t position = slot.fed++;
    Token token = bos_;
    if (position < options_.prompt.size())
      token = options_.prompt[position];
    else if (options_.temperature > 0.0)
      token = choose(probabilities, uniform(options_.seed, slot.document, position));
    else
      token = choose_likeliest(probabilities);
    if (token != bos_) slot.tokens.push_back(token);
    inputs_[i] = token;
    if (token == bos_ || slot.fed == block_size_) {
      finish(slot);
      begin_document(i);
    }
  }

  // Documents wait until those before them are finished; what is begun after the last one is never wanted.
  void finish(Slot& slot) {
    if (slot.document >= count_) return;
    const std::size_t ahead = slot.document - taken_;
    if (finished_.size() <= ahead) finished_.resize(ahead + 1);
    finished_[ahead] = std::move(slot.tokens);
  }

  void hand_over(const std::function<void(std::span<const Token>)>& take) {
    std::size_t ready = 0;
    while (ready < finished_.size() && finished_[ready]) take(*finished_[ready++]);
    finished_.erase(finished_.begin(), finished_.begin() + static_cast<std::ptrdiff_t>(ready));
    taken_ += ready;
  }

  const SamplerOptions& options_;
  Token bos_;
  std::size_t block_size_;
  std::size_t count_;
  std::unique_ptr<Streams> streams_;
  std::vector<Slot> slots_;
  std::vector<Token> inputs_;
  std::size_t next_document_ = 0;
  std::size_t taken_ = 0;
  std::vector<std::optional<std::vector<Token>>> finished_;  // from document `taken_` on
};

}  // namespace

void sample_documents(Engine& engine, Token bos, std::size_t count, const SamplerOptions& options,
                      const std::function<void(std::span<const Token>)>& take) {
  assert(options.temperature >= 0.0);
  if (count > 0) Sampler(engine, bos, count, options).run(take);
}

}  // namespace microgpt
