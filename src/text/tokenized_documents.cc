#include "text/tokenized_documents.h"

#include <algorithm>
#include <cassert>

#include "text/utf8.h"

namespace microgpt {
namespace {

std::size_t count_all_characters(const Corpus& corpus, std::span<const std::size_t> indices) {
  std::size_t count = 0;
  for (const std::size_t i : indices) count += count_characters(corpus[i]);
  return count;
}

}  // namespace

TokenizedDocuments::TokenizedDocuments(const Corpus& corpus, const Tokenizer& tokenizer, std::span<const std::size_t> indices)
    : size_(indices.size()),
      bos_(tokenizer.bos()),
      offsets_(size_ + 1, count_all_characters(corpus, indices)),
      characters_(count_all_characters(corpus, indices), static_cast<std::uint64_t>(bos_)) {
  std::size_t at = 0;
  for (std::size_t d = 0; d < size_; ++d) {
    const std::vector<Token> tokens = tokenizer.encode(corpus[indices[d]]);
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) characters_.set(at++, static_cast<std::uint64_t>(tokens[i]));
    offsets_.set(d + 1, at);
    longest_ = std::max(longest_, tokens.size() - 1);
  }
}

void TokenizedDocuments::append(std::size_t d, std::size_t block_size, Batch& batch) const {
  assert(d < size_ && block_size >= 1);
  const std::size_t begin = offsets_[d];
  const std::size_t characters = offsets_[d + 1] - begin;
  const std::size_t positions = std::min(block_size, characters + 1);
  characters_.visit([&](const auto& tokens) {
    const auto first = tokens.begin() + static_cast<std::ptrdiff_t>(begin);
    batch.inputs.push_back(bos_);
    batch.inputs.insert(batch.inputs.end(), first, first + static_cast<std::ptrdiff_t>(positions - 1));
    batch.targets.insert(batch.targets.end(), first, first + static_cast<std::ptrdiff_t>(std::min(positions, characters)));
  });
  if (positions > characters) batch.targets.push_back(bos_);
  batch.offsets.push_back(batch.offsets.back() + positions);
}

}  // namespace microgpt
