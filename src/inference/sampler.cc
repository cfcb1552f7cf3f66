// SPDX-License-Identifier: MIT
#include "inference/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <deque>
#include <limits>
#include <memory>
#include <utility>

#include "microgpt/error.h"
#include "random/counter_random.h"
#include "scoring/windows.h"

namespace microgpt {
namespace {

Token likeliest(std::span<const float> logits) {
  return static_cast<Token>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

using Take = std::function<void(std::span<const Token>, double)>;

constexpr float kNever = -std::numeric_limits<float>::infinity();

// ln of the sum of exp(logit / temperature).
double log_sum(std::span<const float> logits, double temperature) {
  const auto largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  double total = 0.0;
  for (const float logit : logits)
    if (logit != kNever) total += std::exp((static_cast<double>(logit) - largest) / temperature);
  return largest / temperature + std::log(total);
}

class Sampler {
 public:
  Sampler(Engine& engine, Token bos, std::size_t count, const SamplerOptions& options)
      : options_(options),
        bos_(bos),
        block_size_(engine.config().block_size),
        max_length_(options.max_length.value_or(block_size_)),
        bos_count_(options.prompt_after_bos ? 1 : 0),
        count_(count),
        streams_(engine.open_streams(std::min(count, options.streams), options.first_layer)),
        slots_(streams_->size()),
        uniforms_(slots_.size()),
        tokens_(slots_.size(), bos),
        next_number_(options.first) {
    assert(options.prompt.size() < max_length_ && options.prompt.size() + bos_count_ > 0 && options.min_length <= max_length_);
    for (std::size_t i = 0; i < slots_.size(); ++i) begin_document(i);
  }

  void run(const Take& take) {
    while (taken_ < count_) {
      streams_->feed(tokens_);
      choose_tokens();
      for (std::size_t i = 0; i < slots_.size(); ++i) extend(i);
      hand_over(take);
      if (options_.between_steps) options_.between_steps();
    }
  }

 private:
  struct Document {
    std::vector<Token> tokens;  // BOS, if the prompt stands after it, the prompt, and what was drawn
    bool is_finished = false;

    // With a constraint: ln(the probability with it / the one without it), of draws that look ahead and of those that do not;
    // and whether the one without it is above 0.
    double log_ahead = 0.0, log_plain = 0.0;
    bool is_likely = true;
  };

  static constexpr std::size_t kUniforms = 4;  // drawn at a time

  struct Slot {
    Document* document = nullptr;
    std::uint64_t number = 0;                         // of the document
    std::size_t begin = 0;                            // the document's first token in the window, which the stream was fed
    std::size_t fed = 0;                              // the one that it is fed next
    std::optional<NgramModel::Context> context = {};  // with a mixture, the n-gram's
    std::size_t followed = 0;                         // after so many of the document's tokens
    Automaton::State state = 0;                       // with a constraint, after the document's tokens

    // With a constraint, of the next token: ln of the sums of exp(logit / temperature) over all tokens, those that may come,
    // and these with how likely a match is after them; and whether the filter leaves one of them.
    double log_all = 0.0, log_allowed = 0.0, log_outlook = 0.0;
    bool is_likely = true;

    std::size_t block = std::numeric_limits<std::size_t>::max();  // of the uniforms
    std::array<float, kUniforms> uniforms = {};
  };

  void begin_document(std::size_t i) {
    streams_->restart(i);
    Document& document = documents_.emplace_back();
    if (!spare_.empty()) {
      document.tokens = std::move(spare_.back());
      spare_.pop_back();
    }
    document.tokens.assign(bos_count_, bos_);
    document.tokens.insert(document.tokens.end(), options_.prompt.begin(), options_.prompt.end());
    slots_[i] = {&document, next_number_++};
    if (options_.constraint != nullptr) slots_[i].state = options_.constraint->start();
    tokens_[i] = document.tokens.front();
  }

  std::size_t length(const Document& document) const { return document.tokens.size() - bos_count_; }

  // Number (seed, document, position).
  float next_uniform(Slot& slot) const {
    const std::size_t position = length(*slot.document);
    const std::size_t block = position / kUniforms;
    if (block != slot.block) slot.uniforms = uniforms(options_.seed, slot.number, block);
    slot.block = block;
    return slot.uniforms[position % kUniforms];
  }

  // Documents end, and grow, only where their next token is drawn.
  bool is_drawn(const Slot& slot) const { return slot.fed + 1 == slot.document->tokens.size(); }

  // The n-gram follows the document from its beginning, however the window slides.
  void follow(Slot& slot) const {
    const NgramModel& ngram = options_.mixture->ngram();
    const std::vector<Token>& tokens = slot.document->tokens;
    for (; slot.followed < tokens.size(); ++slot.followed) {
      const Token token = tokens[slot.followed];
      const bool begins_with_bos = slot.followed == 0 && token == bos_;
      slot.context = begins_with_bos ? ngram.start() : ngram.next(slot.context.value_or(ngram.start()), token);
    }
  }

  void mix_logits() {
    if (options_.mixture == nullptr) return;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (!is_drawn(slots_[i])) continue;
      follow(slots_[i]);
      options_.mixture->mix(*slots_[i].context, streams_->logits(i));
    }
  }

  // First of all the end, where it must not come yet; then what the filter leaves out among the other tokens.
  void filter_logits() {
    if (options_.min_length == 0 && !options_.filter.leaves_out_any() && options_.constraint == nullptr) return;
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (is_drawn(slots_[i])) filter_logits(slots_[i], streams_->logits(i));
  }

  void filter_logits(Slot& slot, std::span<float> logits) {
    if (length(*slot.document) < options_.min_length) logits[static_cast<std::size_t>(bos_)] = kNever;
    if (options_.constraint != nullptr) unfiltered_.assign(logits.begin(), logits.end());
    apply(options_.filter, options_.temperature, logits, order_);
    if (options_.constraint != nullptr) constrain(slot, logits);
  }

  // Where the filter leaves out all that may come, it filters what may come, and the document would not be drawn without the
  // constraint.
  void constrain(Slot& slot, std::span<float> logits) {
    const double temperature = options_.temperature;
    const double all = temperature > 0.0 ? log_sum(logits, temperature) : 0.0;
    const auto leave_out = [&] { options_.constraint->apply(slot.state, length(*slot.document), logits); };
    leave_out();
    slot.is_likely = std::any_of(logits.begin(), logits.end(), [](float logit) { return logit != kNever; });
    if (!slot.is_likely) {
      std::copy(unfiltered_.begin(), unfiltered_.end(), logits.begin());
      leave_out();
      apply(options_.filter, temperature, logits, order_);
    }
    if (temperature == 0.0) return;
    slot.log_all = all;
    slot.log_allowed = log_sum(logits, temperature);
    const double largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double ahead = 0.0;
    for (std::size_t token = 0; token < logits.size(); ++token) {
      if (logits[token] == kNever) continue;
      const double log_outlook = outlook(slot, static_cast<Token>(token));
      ahead += std::exp((static_cast<double>(logits[token]) - largest) / temperature + log_outlook);
      if (looks_ahead(slot)) logits[token] += static_cast<float>(temperature * log_outlook);
    }
    slot.log_outlook = largest / temperature + std::log(ahead);
  }

  // All documents but every fourth: where the outlook is wrong, the others are right.
  static constexpr double kShareAhead = 0.75;
  static bool looks_ahead(const Slot& slot) { return slot.number % 4 != 3; }

  double outlook(const Slot& slot, Token token) const {
    return options_.constraint->outlook(slot.state, length(*slot.document), token);
  }

  void take_token(Slot& slot, Token token) const {
    Document& document = *slot.document;
    if (options_.constraint != nullptr && options_.temperature > 0.0) {
      document.log_ahead += outlook(slot, token) - slot.log_outlook + slot.log_all;
      document.log_plain += slot.log_all - slot.log_allowed;
      document.is_likely = document.is_likely && slot.is_likely;
    }
    if (token == bos_) return;
    if (options_.constraint != nullptr) slot.state = options_.constraint->next(slot.state, token);
    document.tokens.push_back(token);
  }

  // ln(the probability without the constraint / the mean of those of the two ways to draw with it, by their shares).
  double log_weight(const Document& document) const {
    if (options_.constraint == nullptr || options_.temperature == 0.0) return 0.0;
    if (!document.is_likely) return -std::numeric_limits<double>::infinity();
    const double largest = std::max(document.log_ahead, document.log_plain);
    return -largest - std::log(kShareAhead * std::exp(document.log_ahead - largest) +
                               (1.0 - kShareAhead) * std::exp(document.log_plain - largest));
  }

  // The next token of each slot, even where it is known: from the prompt, or as the window has slid.
  void choose_tokens() {
    mix_logits();
    filter_logits();
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
    Document& document = *slot.document;
    const bool grows = is_drawn(slot);
    ++slot.fed;
    if (grows) {
      take_token(slot, tokens_[i]);
      if (tokens_[i] == bos_ || length(document) == max_length_) {
        document.is_finished = true;
        return begin_document(i);
      }
    }
    if (slot.fed - slot.begin == block_size_) slide(i);
    tokens_[i] = document.tokens[slot.fed];
  }

  // The stream forgets the oldest tokens, and is fed again those that stay: at other positions they are other to the model.
  void slide(std::size_t i) {
    Slot& slot = slots_[i];
    streams_->restart(i);
    slot.begin += window_stride(block_size_);
    slot.fed = slot.begin;
  }

  // Documents wait until those before them are finished; what is begun after the last one is never wanted.
  void hand_over(const Take& take) {
    for (; taken_ < count_ && documents_.front().is_finished; ++taken_) {
      Document& document = documents_.front();
      take(std::span(document.tokens).subspan(bos_count_), log_weight(document));
      spare_.push_back(std::move(document.tokens));
      documents_.pop_front();
    }
  }

  const SamplerOptions& options_;
  Token bos_;
  std::size_t block_size_;
  std::size_t max_length_;
  std::size_t bos_count_;  // tokens before those of the document: BOS, or none
  std::size_t count_;
  std::unique_ptr<Streams> streams_;
  std::vector<Slot> slots_;
  std::vector<float> uniforms_;
  std::vector<std::size_t> order_;  // scratch of the filter
  std::vector<float> unfiltered_;   // scratch of a constraint
  std::vector<Token> tokens_;       // of each slot: the one to be fed, and the one that comes after it
  std::uint64_t next_number_;
  std::size_t taken_ = 0;
  std::deque<Document> documents_;         // from number `taken_` on; they stay where they are
  std::vector<std::vector<Token>> spare_;  // space for tokens of documents to come
};

}  // namespace

void sample_documents(Engine& engine, Token bos, std::size_t count, const SamplerOptions& options, const Take& take) {
  assert(options.temperature >= 0.0);
  if (count > 0) Sampler(engine, bos, count, options).run(take);
}

}  // namespace microgpt
