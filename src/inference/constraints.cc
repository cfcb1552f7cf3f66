// SPDX-License-Identifier: MIT
#include "inference/constraints.h"

#include <utility>

namespace microgpt {

KnownDocuments::KnownDocuments(Corpus corpus) : corpus_(std::move(corpus)) {
  if (corpus_.kind() == CorpusKind::text) return;
  for (std::size_t i = 0; i < corpus_.size(); ++i) lines_.insert(corpus_[i]);
}

bool KnownDocuments::have(std::string_view document) const {
  if (corpus_.kind() != CorpusKind::text) return lines_.contains(document);
  return corpus_[0].find(document) != std::string_view::npos;
}

bool meets(const Constraints& constraints, std::string_view document) {
  if (constraints.contains && document.find(*constraints.contains) == std::string_view::npos) return false;
  if (constraints.pattern && !constraints.pattern->matches(document)) return false;
  return !constraints.known || !constraints.known->have(document);
}

}  // namespace microgpt
