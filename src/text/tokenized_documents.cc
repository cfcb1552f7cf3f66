// SPDX-License-Identifier: MIT
#include "text/tokenized_documents.h"

#include <algorithm>
#include <cassert>

#include "text/encoded_text.h"

namespace microgpt {
namespace {

std::size_t count_all_tokens(const Corpus& corpus, std::span<const std::size_t> indices) {
  std::size_t count = 2 * indices.size();
  for (const std::size_t i : indices) count += count_characters(corpus.encoding(), corpus[i]);
  return count;
}

std::size_t count_windows(const TokenizedDocuments& documents, std::size_t block_size) {
  std::size_t count = 0;
  for (std::size_t d = 0; d < documents.size(); ++d) count += (documents.positions(d) - 1) / block_size + 1;
  return count;
}

}  // namespace

TokenizedDocuments::TokenizedDocuments(std::size_t documents, std::size_t tokens, Token bos)
    : bos_(bos), offsets_(documents + 1, tokens), tokens_(tokens, static_cast<std::uint64_t>(bos)) {}

template <typename Write>
void TokenizedDocuments::add_document(Write write) {
  const std::size_t begin = offsets_[size_];
  std::size_t end = begin;
  write([&](Token token) { tokens_.set(end++, static_cast<std::uint64_t>(token)); });
  longest_ = std::max(longest_, end - begin - 1);
  offsets_.set(++size_, end);
}

void TokenizedDocuments::add_copy(const TokenizedDocuments& from, std::size_t begin, std::size_t count) {
  add_document([&](const auto& put) {
    for (std::size_t i = begin; i < begin + count; ++i) put(static_cast<Token>(from.tokens_[i]));
  });
}

TokenizedDocuments::TokenizedDocuments(const Corpus& corpus, const Tokenizer& tokenizer, std::span<const std::size_t> indices)
    : TokenizedDocuments(indices.size(), count_all_tokens(corpus, indices), tokenizer.bos()) {
  for (const std::size_t i : indices)
    add_document([&](const auto& put) {
      put(bos_);
      tokenizer.for_each_token(corpus[i], put);
      put(bos_);
    });
}

TokenizedDocuments TokenizedDocuments::from_stretch(const Tokenizer& tokenizer, std::string_view stretch, StretchEnd end) {
  assert(!stretch.empty());
  const bool is_closed = end == StretchEnd::bos;
  const std::size_t tokens = count_characters(tokenizer.encoding(), stretch) + (is_closed ? 2 : 1);
  TokenizedDocuments document(1, tokens, tokenizer.bos());
  document.add_document([&](const auto& put) {
    put(tokenizer.bos());
    tokenizer.for_each_token(stretch, put);
    if (is_closed) put(tokenizer.bos());
  });
  return document;
}

TokenizedDocuments TokenizedDocuments::windows(std::size_t block_size) const {
  assert(block_size >= 1);
  const std::size_t count = count_windows(*this, block_size);
  TokenizedDocuments windows(count, all_positions() + count, bos_);
  for (std::size_t d = 0; d < size_; ++d)
    for (std::size_t at = 0; at < positions(d); at += block_size)
      windows.add_copy(*this, offsets_[d] + at, std::min(block_size, positions(d) - at) + 1);
  return windows;
}

TokenizedDocuments TokenizedDocuments::with(std::span<const std::vector<Token>> others) const {
  std::size_t tokens = all_positions() + size_;
  for (const std::vector<Token>& document : others) tokens += document.size();
  TokenizedDocuments all(size_ + others.size(), tokens, bos_);
  for (std::size_t d = 0; d < size_; ++d) all.add_copy(*this, offsets_[d], positions(d) + 1);
  for (const std::vector<Token>& document : others)
    all.add_document([&](const auto& put) { std::for_each(document.begin(), document.end(), put); });
  return all;
}

TokenizedDocuments TokenizedDocuments::joined(std::size_t first, std::size_t count) const {
  assert(count >= 1 && first + count <= size_);
  TokenizedDocuments all(1, offsets_[first + count] - offsets_[first] - (count - 1), bos_);
  all.add_document([&](const auto& put) {
    std::vector<Token> tokens;
    for (std::size_t d = first; d < first + count; ++d) {
      const std::size_t known = d == first ? 0 : 1;
      tokens.resize(positions(d) + 1 - known);
      copy(d, known, tokens);
      std::for_each(tokens.begin(), tokens.end(), put);
    }
  });
  return all;
}

TokenizedDocuments TokenizedDocuments::sample(std::size_t count, std::size_t among) const {
  assert(among <= size_);
  count = std::min(count, among);
  const auto chosen = [&](std::size_t i) { return i * among / count; };
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < count; ++i) tokens += positions(chosen(i)) + 1;
  TokenizedDocuments sample(count, tokens, bos_);
  for (std::size_t i = 0; i < count; ++i) sample.add_copy(*this, offsets_[chosen(i)], positions(chosen(i)) + 1);
  return sample;
}

std::size_t TokenizedDocuments::characters(std::size_t d) const {
  assert(d < size_);
  const bool is_closed = tokens_[offsets_[d + 1] - 1] == static_cast<std::uint64_t>(bos_);
  return positions(d) - (is_closed ? 1 : 0);
}

void TokenizedDocuments::append(std::size_t d, std::size_t begin, std::size_t end, Batch& batch) const {
  assert(d < size_ && begin < end && end <= positions(d));
  const auto count = static_cast<std::ptrdiff_t>(end - begin);
  tokens_.visit([&](const auto& tokens) {
    const auto first = tokens.begin() + static_cast<std::ptrdiff_t>(offsets_[d] + begin);
    batch.inputs.insert(batch.inputs.end(), first, first + count);
    batch.targets.insert(batch.targets.end(), first + 1, first + 1 + count);
  });
  batch.offsets.push_back(batch.offsets.back() + (end - begin));
}

void TokenizedDocuments::copy(std::size_t d, std::size_t first, std::span<Token> to) const {
  assert(d < size_ && first + to.size() <= positions(d) + 1);
  const auto begin = static_cast<std::ptrdiff_t>(offsets_[d] + first);
  tokens_.visit([&](const auto& tokens) {
    std::transform(tokens.begin() + begin, tokens.begin() + begin + static_cast<std::ptrdiff_t>(to.size()), to.begin(),
                   [](auto token) { return static_cast<Token>(token); });
  });
}

}  // namespace microgpt
