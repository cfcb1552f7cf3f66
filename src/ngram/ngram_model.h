// SPDX-License-Identifier: MIT
// The baseline: an n-gram language model with interpolated modified Kneser-Ney smoothing.
//
// With the counts c that NgramCounts makes for the order of the model, the discounts D of each length (ngram_counts.h), h' the
// context h without its first token, and V the size of the vocabulary:
//     p(w | h) = (c(hw) - D(c(hw))) / sum over v of c(hv)  +  b(h) p(w | h')
//     b(h)     = sum over v of D(c(hv))  /  sum over v of c(hv)
// and the lowest order, where h is empty, interpolates with 1 / V. A context that was never seen says nothing: p(w | h') is
// its distribution. So every token has a probability above 0 after every context, and they sum to 1 up to rounding.
// Source: Chen and Goodman, "An empirical study of smoothing techniques for language modeling", 1999.
//
// The first position of a document is predicted after BOS alone, repeated to the left as far as the order asks.
//
// Time: what is said after short contexts is kept for every token, as far as kMaxDense numbers go; after a longer one, a
// token's probability takes a search among the tokens that were seen there, and where it was not, after the next shorter one.
// Memory: some 30 bytes for each different n-gram, and 12 for each number that is kept. Does not change after it is made; any
// number of threads may use it. Bits: probabilities are the same on every machine; losses are as good as its std::log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "microgpt/token.h"
#include "ngram/ngram_counts.h"
#include "ngram/ngram_documents.h"
#include "ngram/ngram_trie.h"
#include "simd/large_pages.h"

namespace microgpt {

class NgramModel {
 public:
  // What a model remembers of the tokens so far: the longest end of them after which it has seen a token. Belongs to the model
  // that made it.
  class Context {
   public:
    bool operator==(const Context&) const = default;

    // Tells contexts apart.
    std::uint32_t id() const { return node_; }

   private:
    friend class NgramModel;
    explicit Context(NgramTrie::Node node) : node_(node) {}

    NgramTrie::Node node_;
  };

  // REQUIRES: 1 <= order <= counts.max_order().
  NgramModel(const NgramCounts& counts, std::size_t order);

  // Of the first `order` levels of the trie, and counts as NgramCounts::for_order() makes them; read from a file.
  // REQUIRES: 1 <= order <= trie.levels(); a count for each node of these levels; of the first level any, of each other all are
  // positive but that of BOS alone.
  NgramModel(const NgramTrie& trie, std::size_t order, std::vector<std::uint32_t> counts);

  std::size_t order() const { return level_ends_.size() - 1; }
  std::size_t vocab_size() const { return vocab_size_; }
  NgramTrie trie() const;                                               // made anew; its nodes are the model's
  const std::vector<std::uint32_t>& counts() const { return counts_; }  // [nodes]

  // After a document's first BOS.
  Context start() const { return Context(start_); }

  // After one more token. REQUIRES: 0 <= token < vocab_size(), here and below.
  Context next(Context context, Token token) const;

  // How many tokens the context has, below order().
  std::size_t length(Context context) const;

  // How much was seen after it: the number of binary digits of the sum of the counts there.
  static constexpr std::size_t kMaxEvidence = 32;
  std::size_t evidence(Context context) const { return evidence_[context.node_]; }

  // Calls take(token, count) for each token that was seen after all of the context, in their order; the count is that of
  // NgramCounts, and above 0.
  template <typename Take>
  void for_each_seen(Context context, const Take& take) const {
    const Node begin = contexts_[context.node_].first_child;
    const std::span<const Ngram> seen = children(context.node_);
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (const std::uint32_t count = counts_[begin + i]; count > 0) take(seen[i].token, count);
  }

  // Above 0, at most 1 but for rounding.
  double probability(Context context, Token token) const;

  // The probability of every token, the same bits as probability() gives. REQUIRES: vocab_size() elements.
  void distribution(Context context, std::span<double> probabilities) const;

  // Asks the processor for what the context's distribution takes: first for where it lies, and some time later for it.
  void fetch(Context context) const;
  void fetch_children(Context context) const;

  // Without the first token; of no token the same.
  Context shorter(Context context) const { return Context(contexts_[context.node_].suffix); }

  // Both of the above: the token's probability, and the context after it.
  struct Step {
    double probability;
    Context next;
  };
  Step step(Context context, Token token) const;

  // Of an n-gram of the trie: p of its last token after those before it, and b of it as a context. REQUIRES: not the root; it
  // is not among the longest.
  double probability(NgramTrie::Node ngram) const { return ngrams_[ngram].probability; }
  double backoff(NgramTrie::Node ngram) const { return contexts_[ngram].backoff; }

  // Appends -ln p of each token but the first, in nats. REQUIRES: as NgramDocuments::add().
  void append_losses(std::span<const Token> document, std::vector<double>& losses) const;

  // The token mean over all documents, in nats. REQUIRES: there is a document, and their vocabulary is the model's.
  double mean_loss(const NgramDocuments& documents) const;

 private:
  using Node = NgramTrie::Node;

  static constexpr std::size_t kMaxDense = std::size_t{1} << 18;

  // What is looked at together lies together: models are larger than the nearest caches.
  struct Ngram {
    double probability;  // of the last token after those before it; the root's means nothing
    Node next;           // the context after it
    Token token;         // the last one
  };
  struct ContextNode {
    double backoff;
    Node first_child;  // the last ones are before that of the next
    Node suffix;
  };

  void weigh_level(const NgramTrie& trie, std::size_t level);
  void weigh_children(const NgramTrie& trie, Node context, const Discounts& discounts);
  void find_contexts(const NgramTrie& trie);
  void keep_short_contexts();
  std::span<const Ngram> children(Node context) const {
    const Node begin = contexts_[context].first_child;
    return {ngrams_.data() + begin, contexts_[context + 1].first_child - begin};
  }
  bool has_children(Node node) const { return node < level_ends_[order() - 1] && !children(node).empty(); }
  const Ngram* find_child(Node context, Token token) const;
  std::span<const double> dense(Node context) const {
    return std::span(dense_probabilities_).subspan(context * vocab_size(), vocab_size());
  }
  Step predict(Node context, Token token) const;
  void fill(Node context, std::span<double> probabilities) const;

  std::size_t vocab_size_;
  std::vector<Node> level_ends_;             // [order + 1], that of the root's first
  std::vector<std::uint32_t> counts_;        // [nodes]
  LargeVector<Ngram> ngrams_;                // [nodes]
  LargeVector<ContextNode> contexts_;        // [nodes but those of the last level], and one for the end
  LargeVector<double> dense_probabilities_;  // [nodes of short contexts][vocab_size]
  LargeVector<Node> dense_next_;             // the same: the context that follows
  Node dense_end_ = 0;                       // the first node that is none of these
  Node start_ = NgramTrie::kRoot;
  std::vector<std::uint8_t> evidence_;  // [nodes but those of the last level]
};

}  // namespace microgpt
