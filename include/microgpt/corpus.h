// The data set: documents, in the order of the file, duplicates kept.
//
// Mirrors the first lines of microgpt.py: `docs = [line.strip() for line in open(path) if line.strip()]`. Lines end at "\n",
// "\r\n" or "\r" and nowhere else; strip() removes what Python's str.strip() removes.
//
// Memory: the text once, and two offsets a document. A Corpus does not change after it is made; any number of threads may read
// it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

enum class ByteOrderMark {
  drop,
  keep,  // as Python's open() without an encoding of its own does: U+FEFF becomes a character of the first document
};

class Corpus {
 public:
  // Every line of `text` that is not blank is a document. `name` stands for the text in error messages and reports.
  // Throws Error: invalid UTF-8 (with line and byte offset); no documents.
  static Corpus from_lines(std::string name, std::string text, ByteOrderMark byte_order_mark = ByteOrderMark::drop);

  const std::string& name() const { return name_; }
  std::size_t size() const { return documents_.size(); }

  // The document as UTF-8. Valid as long as the corpus lives and is not moved. REQUIRES: index < size().
  std::string_view operator[](std::size_t index) const;

 private:
  struct Extent {
    std::size_t begin;
    std::size_t size;
  };

  std::string name_;
  std::string text_;
  std::vector<Extent> documents_;
};

// 32,257 given names of the United States in 2018, compiled into the library; see data/README.md.
Corpus embedded_names();

}  // namespace microgpt
