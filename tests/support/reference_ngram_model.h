// SPDX-License-Identifier: MIT
// Interpolated modified Kneser-Ney as it is written down, with maps of whole n-grams: slow, and never in production.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "microgpt/token.h"

namespace microgpt::testing {

using Ngram = std::vector<Token>;

class ReferenceNgramModel {
 public:
  ReferenceNgramModel(const std::vector<Ngram>& documents, std::size_t vocab_size, std::size_t order)
      : vocab_size_(vocab_size), order_(order), counts_(order + 1) {
    std::vector<std::map<Ngram, std::set<Token>>> before(order + 1);
    for (const Ngram& document : documents) {
      const Ngram padded = pad(document);
      for (std::size_t i = order_; i < padded.size(); ++i) {
        ++counts_[order_][gram(padded, i, order_)];
        for (std::size_t n = 1; n < order_; ++n) before[n][gram(padded, i, n)].insert(padded[i - n]);
      }
    }
    for (std::size_t n = 1; n < order_; ++n)
      for (const auto& [ngram, tokens] : before[n]) counts_[n][ngram] = tokens.size();
  }

  // After a document that begins with these tokens, BOS and so on.
  double probability(const Ngram& beginning, Token token) const {
    Ngram padded = pad(beginning);
    padded.push_back(token);
    double p = 1.0 / static_cast<double>(vocab_size_);
    for (std::size_t n = 1; n <= order_; ++n) p = interpolate(gram(padded, padded.size() - 1, n), p);
    return p;
  }

 private:
  // So that the first BOS has order - 1 others before it.
  Ngram pad(const Ngram& document) const {
    Ngram padded(order_ - 1, document.front());
    padded.insert(padded.end(), document.begin(), document.end());
    return padded;
  }

  static Ngram gram(const Ngram& tokens, std::size_t last, std::size_t n) {
    const auto end = tokens.begin() + static_cast<std::ptrdiff_t>(last) + 1;
    return Ngram(end - static_cast<std::ptrdiff_t>(n), end);
  }

  double number_counted(std::size_t n, std::size_t times) const {
    double number = 0.0;
    for (const auto& [ngram, count] : counts_[n]) number += count == times ? 1.0 : 0.0;
    return number;
  }

  double discount(std::size_t n, std::size_t count) const {
    if (count == 0) return 0.0;
    const std::size_t k = count < 3 ? count : 3;
    const double n1 = number_counted(n, 1);
    const double n2 = number_counted(n, 2);
    const double nk = number_counted(n, k);
    const double nk1 = number_counted(n, k + 1);
    const auto largest = static_cast<double>(k);
    if (n1 == 0.0 || n2 == 0.0 || nk == 0.0 || nk1 == 0.0) return largest / 2.0;
    const double d = largest - (largest + 1.0) * n1 / (n1 + 2.0 * n2) * nk1 / nk;
    return d <= 0.0 ? largest / 2.0 : d;
  }

  double interpolate(const Ngram& ngram, double shorter) const {
    const std::size_t n = ngram.size();
    double total = 0.0;
    double withheld = 0.0;
    for (std::size_t v = 0; v < vocab_size_; ++v) {
      Ngram other = ngram;
      other.back() = static_cast<Token>(v);
      total += static_cast<double>(count(other));
      withheld += discount(n, count(other));
    }
    if (total == 0.0) return shorter;
    return (static_cast<double>(count(ngram)) - discount(n, count(ngram)) + withheld * shorter) / total;
  }

  std::size_t count(const Ngram& ngram) const {
    const auto found = counts_[ngram.size()].find(ngram);
    return found == counts_[ngram.size()].end() ? 0 : found->second;
  }

  std::size_t vocab_size_;
  std::size_t order_;
  std::vector<std::map<Ngram, std::size_t>> counts_;  // [order + 1], by length
};

}  // namespace microgpt::testing
