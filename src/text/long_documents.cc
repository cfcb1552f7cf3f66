// SPDX-License-Identifier: MIT
#include "text/long_documents.h"

#include <fmt/format.h>

#include <algorithm>

#include "microgpt/config.h"
#include "text/encoded_text.h"

namespace microgpt {

LongDocuments count_long_documents(const Corpus& corpus, std::size_t block_size) {
  LongDocuments count{.documents = corpus.size(), .block_size = block_size};
  if (corpus.kind() == CorpusKind::text) return count;
  for (std::size_t d = 0; d < corpus.size(); ++d) {
    const std::size_t positions = count_characters(corpus.encoding(), corpus[d]) + 1;
    count.longer += positions > block_size ? 1 : 0;
    count.longest = std::max(count.longest, positions);
  }
  return count;
}

std::string describe(const LongDocuments& documents) {
  const std::string remedy = documents.is_fixed || documents.longest > Config::kBlockSize.max
                                 ? ""
                                 : fmt::format("; --block-size {} holds all", documents.longest);
  return fmt::format("{} of {} documents {} longer than the context of {}, and {} read in windows of it{}", documents.longer,
                     documents.documents, documents.longer == 1 ? "is" : "are", documents.block_size,
                     documents.longer == 1 ? "is" : "are", remedy);
}

}  // namespace microgpt
