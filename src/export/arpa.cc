// SPDX-License-Identifier: MIT
#include "export/arpa.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "scoring/token_scorer.h"

namespace microgpt {
namespace {

using Node = NgramTrie::Node;

constexpr double kNever = -99.0;  // log10 of what has no probability, as the format has it
constexpr std::size_t kPiece = std::size_t{1} << 20;

double log10_of(double probability) { return probability > 0.0 ? std::min(0.0, std::log10(probability)) : kNever; }

class ArpaWriter {
 public:
  ArpaWriter(const NgramModel& model, const Tokenizer& tokenizer, const std::function<void(std::string_view)>& write)
      : model_(model), trie_(model.trie()), bos_(tokenizer.bos()), write_(write) {
    for (Token token = 0; token < bos_; ++token) words_.push_back(tokenizer.symbol(token));
  }

  void write() {
    text_ = "\\data\\\n";
    for (std::size_t length = 1; length <= model_.order(); ++length)
      text_ += fmt::format("ngram {}={}\n", length, count(length));
    for (std::size_t length = 1; length <= model_.order(); ++length) write_section(length);
    text_ += "\n\\end\\\n";
    write_(text_);
  }

 private:
  // An n-gram of the format is one of the model; one that begins with <s> is all those with BOS in the place of <s>, once,
  // twice and so on: as far as there are any, and as far as they are contexts, unless it is only one.
  using Nodes = std::vector<Node>;

  bool is_context(Node node) const { return node < trie_.begin(model_.order()); }

  Nodes document_begin() const {
    Nodes nodes{trie_.token_node(bos_)};
    while (is_context(nodes.back()) && nodes.size() + 1 < model_.order()) {
      const auto longer = trie_.find_child(nodes.back(), bos_);
      if (!longer) break;
      nodes.push_back(*longer);
    }
    return nodes;
  }

  Nodes followed_by(const Nodes& context, Token token) const {
    Nodes nodes;
    for (const Node node : context) {
      const auto child = trie_.find_child(node, token);
      if (!child || (!nodes.empty() && !is_context(*child))) break;
      nodes.push_back(*child);
    }
    return nodes;
  }

  // After the longest of the contexts. REQUIRES: the first of them has such a child.
  double probability(const Nodes& context, Token token) const {
    double factor = 1.0;
    for (auto node = context.rbegin(); node != context.rend(); ++node) {
      if (const auto ngram = trie_.find_child(*node, token)) return factor * model_.probability(*ngram);
      factor *= model_.backoff(*node);
    }
    return factor;
  }

  double backoff(const Nodes& context) const {
    double factor = 1.0;
    for (const Node node : context)
      if (is_context(node)) factor *= model_.backoff(node);
    return factor;
  }

  // Calls visit(words before, their nodes, the last token) for each n-gram of a length.
  template <typename Visit>
  void for_each(std::size_t length, const Visit& visit) const {
    std::string words;
    descend({NgramTrie::kRoot}, words, 1, length, visit);
  }

  template <typename Visit>
  void descend(const Nodes& context, std::string& words, std::size_t length, std::size_t to, const Visit& visit) const {
    const Node first = context.front();
    const std::size_t before = words.size();
    for (Node node = trie_.first_child(first); node < trie_.first_child(first + 1); ++node) {
      const Token token = trie_.token(node);
      if (length == to) {
        visit(words, context, token);
        continue;
      }
      if (token == bos_ && length > 1) continue;  // no document goes on after its end
      words += token == bos_ ? "<s>" : words_[static_cast<std::size_t>(token)];
      words += ' ';
      descend(token == bos_ ? document_begin() : followed_by(context, token), words, length + 1, to, visit);
      words.resize(before);
    }
  }

  std::size_t count(std::size_t length) const {
    std::size_t ngrams = length == 1 ? 2 : 0;  // <unk> and <s>
    for_each(length, [&](const std::string&, const Nodes&, Token) { ++ngrams; });
    return ngrams;
  }

  void write_section(std::size_t length) {
    text_ += fmt::format("\n\\{}-grams:\n", length);
    if (length == 1) {
      write_line(-unseen_loss(model_.vocab_size()) / std::log(10.0), "", "<unk>", 1.0);
      write_line(kNever, "", "<s>", backoff(document_begin()));
    }
    for_each(length, [&](const std::string& words, const Nodes& context, Token token) {
      const double log_p = log10_of(probability(context, token));
      if (token == bos_)
        write_line(log_p, words, "</s>", 1.0);
      else
        write_line(log_p, words, words_[static_cast<std::size_t>(token)], backoff(followed_by(context, token)));
    });
  }

  void write_line(double log_p, const std::string& words, const std::string& word, double factor) {
    fmt::format_to(std::back_inserter(text_), "{:.10g}\t{}{}", log_p, words, word);
    if (factor != 1.0) fmt::format_to(std::back_inserter(text_), "\t{:.10g}", log10_of(factor));
    text_ += '\n';
    if (text_.size() < kPiece) return;
    write_(text_);
    text_.clear();
  }

  const NgramModel& model_;
  NgramTrie trie_;
  Token bos_;
  const std::function<void(std::string_view)>& write_;
  std::vector<std::string> words_;  // of the tokens but BOS
  std::string text_;                // not yet written
};

}  // namespace

void write_arpa(const NgramModel& model, const Tokenizer& tokenizer, const std::function<void(std::string_view)>& write) {
  ArpaWriter(model, tokenizer, write).write();
}

}  // namespace microgpt
