// SPDX-License-Identifier: MIT
#include "text/corpus_parts.h"

#include <string_view>
#include <utility>
#include <vector>

#include "text/split.h"

namespace microgpt {
namespace {

CorpusParts parts_of_lines(const Corpus& corpus, const Tokenizer& tokenizer, std::uint64_t seed, double held_out) {
  const Split split = split_corpus(corpus, seed, held_out);
  const auto tokenize = [&](const std::vector<std::size_t>& indices) -> std::optional<TokenizedDocuments> {
    if (indices.empty()) return std::nullopt;
    return TokenizedDocuments(corpus, tokenizer, indices);
  };
  return {TokenizedDocuments(corpus, tokenizer, split.training), tokenize(split.validation), tokenize(split.test)};
}

CorpusParts parts_of_text(const Corpus& corpus, const Tokenizer& tokenizer, double held_out) {
  const TextSplit split = split_text(corpus, held_out);
  const auto tokenize = [&](std::string_view stretch, StretchEnd end) {
    return TokenizedDocuments::from_stretch(tokenizer, stretch, end);
  };
  if (split.test.empty()) return {tokenize(split.training, StretchEnd::bos), std::nullopt, std::nullopt};
  // A text ends with its last stretch, and those that are given are whole texts.
  const bool ends_with_validation = corpus.given_validation() > 0 || corpus.given_test() > 0;
  const bool ends_with_training = corpus.given_validation() > 0 && corpus.given_test() > 0;
  return {tokenize(split.training, ends_with_training ? StretchEnd::bos : StretchEnd::open),
          tokenize(split.validation, ends_with_validation ? StretchEnd::bos : StretchEnd::open),
          tokenize(split.test, StretchEnd::bos)};
}

}  // namespace

CorpusParts split_and_tokenize(const Corpus& corpus, const Tokenizer& tokenizer, std::uint64_t seed, double held_out) {
  return corpus.kind() == CorpusKind::text ? parts_of_text(corpus, tokenizer, held_out)
                                           : parts_of_lines(corpus, tokenizer, seed, held_out);
}

TokenizedDocuments documents_to_train_on(CorpusKind kind, TokenizedDocuments training, std::size_t block_size) {
  return kind == CorpusKind::text ? training.windows(block_size) : std::move(training);
}

}  // namespace microgpt
