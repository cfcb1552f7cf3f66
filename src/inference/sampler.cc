#include "inference/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <deque>
#include <memory>
#include <utility>

#include "microgpt/error.h"
#include "random/counter_random.h"

namespace microgpt {
namespace {

Token likeliest(std::span<const float> logits) {
  return static_cast<Token>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

class Sampler {
 public:
  Sampler(Engine& engine, Token bos, std::size_t count, const SamplerOptions& options)
      : options_(options),
        bos_(bos),
        block_size_(engine.config().block_size),
        count_(count),
        streams_(engine.open_streams(std::min(count, options.streams), options.first_layer)),
        slots_(streams_->size()),
        uniforms_(slots_.size()),
        tokens_(slots_.size(), bos) {
    assert(options.prompt.size() < block_size_);
    for (std::size_t i = 0; i < slots_.size(); ++i) begin_document(i);
  }

  void run(const std::function<void(std::span<const Token>)>& take) {
    while (taken_ < count_) {
      streams_->feed(tokens_);
      choose_tokens();
      for (std::size_t i = 0; i < slots_.size(); ++i) extend(i);
      hand_over(take);
    }
  }

 private:
  struct Document {
    std::vector<Token> tokens;
    bool is_finished = false;
  };

  struct Slot {
    Document* document = nullptr;
    std::size_t number = 0;    // of the document
    std::size_t position = 0;  // of the token that was fed last
    std::array<float, 4> uniforms = {};
  };

  void begin_document(std::size_t i) {
    streams_->restart(i);
    Document& document = documents_.emplace_back();
    if (!spare_.empty()) {
      document.tokens = std::move(spare_.back());
      spare_.pop_back();
    }
    slots_[i] = {&document, next_number_++};
    tokens_[i] = bos_;
  }

  // Number (seed, document, position), of which four are drawn at a time.
  float next_uniform(Slot& slot) const {
    const std::size_t place = slot.position % slot.uniforms.size();
    if (place == 0) slot.uniforms = uniforms(options_.seed, slot.number, slot.position / slot.uniforms.size());
    return slot.uniforms[place];
  }

  // The next token of each slot, whatever the prompt says.
  void choose_tokens() {
    if (options_.temperature == 0.0) {
      for (std::size_t i = 0; i < slots_.size(); ++i) tokens_[i] = likeliest(streams_->logits(i));
      return;
    }
    for (std::size_t i = 0; i < slots_.size(); ++i) uniforms_[i] = next_uniform(slots_[i]);
    if (!streams_->draw(options_.temperature, uniforms_, tokens_))
      throw Error(fmt::format("at a temperature of {} the probabilities are not numbers any more; choose a higher one",
                              options_.temperature));
  }

  // Where a document ends, another one takes its slot.
  void extend(std::size_t i) {
    Slot& slot = slots_[i];
    const std::size_t position = slot.position++;
    if (position < options_.prompt.size()) tokens_[i] = options_.prompt[position];
    if (tokens_[i] != bos_) slot.document->tokens.push_back(tokens_[i]);
    if (tokens_[i] == bos_ || slot.position == block_size_) {
      slot.document->is_finished = true;
      begin_document(i);
    }
  }

  // Documents wait until those before them are finished; what is begun after the last one is never wanted.
  void hand_over(const std::function<void(std::span<const Token>)>& take) {
    for (; taken_ < count_ && documents_.front().is_finished; ++taken_) {
      Document& document = documents_.front();
      take(document.tokens);
      document.tokens.clear();
      spare_.push_back(std::move(document.tokens));
      documents_.pop_front();
    }
  }

  const SamplerOptions& options_;
  Token bos_;
  std::size_t block_size_;
  std::size_t count_;
  std::unique_ptr<Streams> streams_;
  std::vector<Slot> slots_;
  std::vector<float> uniforms_;
  std::vector<Token> tokens_;  // of each slot: the one to be fed, and the one that comes after it
  std::size_t next_number_ = 0;
  std::size_t taken_ = 0;
  std::deque<Document> documents_;         // from number `taken_` on; they stay where they are
  std::vector<std::vector<Token>> spare_;  // room for tokens of documents to come
};

}  // namespace

void sample_documents(Engine& engine, Token bos, std::size_t count, const SamplerOptions& options,
                      const std::function<void(std::span<const Token>)>& take) {
  assert(options.temperature >= 0.0);
  if (count > 0) Sampler(engine, bos, count, options).run(take);
}

}  // namespace microgpt
