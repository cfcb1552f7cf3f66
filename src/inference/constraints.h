// SPDX-License-Identifier: MIT
// What a document must be to be wanted: conditions that a text meets or not, whatever the other documents.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "microgpt/corpus.h"
#include "text/pattern.h"

namespace microgpt {

// The documents of a corpus, to ask whether it has one. Of a running text, any part of it is one that it has.
// Memory: the corpus, and of lines a view of each different one. Threads: any number may ask.
class KnownDocuments {
 public:
  explicit KnownDocuments(Corpus corpus);
  KnownDocuments(const KnownDocuments&) = delete;
  KnownDocuments& operator=(const KnownDocuments&) = delete;

  bool have(std::string_view document) const;

 private:
  Corpus corpus_;
  std::unordered_set<std::string_view> lines_;
};

struct Constraints {
  std::optional<std::string> contains = {};          // the document has this somewhere in it
  std::shared_ptr<const Pattern> pattern = {};       // it matches as a whole; null: anything does
  std::shared_ptr<const KnownDocuments> known = {};  // it is none of these; null: there are none
  bool unique = false;                               // it was not wanted before: for who asks to see to

  bool any() const { return contains || pattern || known || unique; }
};

// Whether a document meets all but `unique`. Any number of threads may ask.
bool meets(const Constraints& constraints, std::string_view document);

}  // namespace microgpt
