// SPDX-License-Identifier: MIT
// The data set: documents, in the order of the file, duplicates kept.
//
// Of lines, each one that is not blank is a document. This mirrors the first lines of microgpt.py:
// `docs = [line.strip() for line in open(path) if line.strip()]`. A running text is one document, white space and all.
// Lines end at "\n", "\r\n" or "\r" and nowhere else; in a running text each of these becomes "\n", as in Python's text mode.
// A character is a Unicode code point of a text in UTF-8 or, where the encoding is bytes, one byte of any value. Of lines,
// strip() removes what Python's str.strip() removes or, of bytes, what its bytes.strip() does: the white space of ASCII.
//
// Memory: the text once, and of lines two offsets a document, of 4 bytes each where the text has less than 4 GiB. A Corpus does
// not change after it is made; any number of threads may read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "microgpt/export.h"

namespace microgpt {

enum class CorpusKind {
  lines,  // each is a document, whose part is a function of its content
  text,
  tail,  // lines in the order of time, the last of which are held out
};

enum class Encoding {
  utf8,
  bytes,
};

// What becomes of bytes that are not UTF-8: a sequence of them as long as it begins a character, as Python's errors="strict",
// "replace" and "ignore" have it (Unicode 15, section 3.9, "maximal subparts").
enum class InvalidUtf8 {
  error,
  replace,  // by U+FFFD
  skip,     // as if they were not there
};

enum class ByteOrderMark {
  drop,
  keep,  // as Python's open() without an encoding of its own does: U+FEFF becomes a character of the first document
};

// Where in the lines of a file its documents are.
struct DocumentLayout {
  enum class Kind {
    lines,      // each line is one
    columns,    // each is a field of a record: comma-separated values (RFC 4180), or with another delimiter
    separated,  // each has several lines; those between them belong to none
    fasta,      // each is a sequence, its lines joined, after a line that begins with ">"
  };
  Kind kind = Kind::lines;
  std::string column = {};     // its number, from 1, or its name in the first record
  char delimiter = ',';        // of ASCII; with a tab quotes have no meaning
  bool header = false;         // the first record has the names, and no document; so it is, too, where the column is a name
  std::string separator = {};  // a line of this regular expression of RE2 separates documents; or kBlankLine

  bool operator==(const DocumentLayout&) const = default;
};

inline constexpr const char* kBlankLine = "blank-line";

// How a file is to be read.
struct CorpusFormat {
  CorpusKind kind = CorpusKind::lines;
  Encoding encoding = Encoding::utf8;
  ByteOrderMark byte_order_mark = ByteOrderMark::drop;
  InvalidUtf8 invalid = InvalidUtf8::error;
  DocumentLayout layout = {};  // of lines, each of which is a document, or a part of one
  bool fold_case = false;      // each character becomes its lower case, where that is one character. REQUIRES: UTF-8
};

// What was replaced or skipped: sequences, and the lines that have one.
struct InvalidBytes {
  std::size_t sequences = 0;
  std::size_t lines = 0;
};

class MICROGPT_API Corpus {
 public:
  // `name` stands for the text in error messages and reports.
  // Throws ConfigError: a column, delimiter or separator that there cannot be, or a layout of a running text; folding the case
  // of bytes. Throws Error: records without the column, or with a quote that nothing closes; what is no text by its first
  // bytes, such as UTF-16 or gzip; invalid UTF-8 where that is an error, with line and byte offset; no line that is not blank;
  // a running text without a character. Memory: where bytes are replaced or skipped, that of another text meanwhile.
  Corpus(std::string name, std::string text, const CorpusFormat& format);

  static Corpus from_lines(std::string name, std::string text, ByteOrderMark byte_order_mark = ByteOrderMark::drop);
  static Corpus from_text(std::string name, std::string text, Encoding encoding = Encoding::utf8);

  // Of documents in memory, each stripped of white space at its ends; those that are blank do not count. Throws Error: as the
  // constructor; a line end in a document.
  static Corpus from_documents(std::string name, std::span<const std::string_view> documents,
                               Encoding encoding = Encoding::utf8);
  static Corpus from_documents(std::string name, std::span<const std::string> documents, Encoding encoding = Encoding::utf8);

  const std::string& name() const { return name_; }
  const CorpusFormat& format() const { return format_; }
  CorpusKind kind() const { return format_.kind; }
  Encoding encoding() const { return format_.encoding; }

  // The file that it was read from, "-" for what was never in a file or on standard input, and nothing for the embedded names.
  const std::optional<std::string>& origin() const { return origin_; }
  const InvalidBytes& invalid_bytes() const { return invalid_bytes_; }

  // Of the bytes that it was made of, in hexadecimal, by which it is known again; without what was given as held out.
  const std::string& sha256() const { return sha256_; }

  // The same with the documents of other corpora after its own: all of them are held out, and none of the corpus's own for
  // what they are for. Null stands for none. REQUIRES: all are of one kind and encoding.
  Corpus with_held_out(const Corpus* validation, const Corpus* test) const;

  // Documents with the same group fall to one part. The group is what the first ( ) of this regular expression of RE2 finds, or
  // all that it finds; a document in which it finds nothing is a group of its own. Empty: all are.
  void set_group(std::string pattern) { group_ = std::move(pattern); }
  const std::string& group() const { return group_; }

  // How many documents are its own, and come first; then those that are given for validation, and those for the test.
  std::size_t own_size() const { return size() - given_validation_ - given_test_; }
  std::size_t given_validation() const { return given_validation_; }
  std::size_t given_test() const { return given_test_; }
  std::size_t size() const {
    return std::visit([](const auto& extents) { return extents.size(); }, documents_);
  }

  // The document in its encoding. Valid as long as the corpus lives and is not moved. REQUIRES: index < size().
  std::string_view operator[](std::size_t index) const;

 private:
  template <typename Offset>
  struct Extent {
    Offset begin;
    Offset size;
  };

  friend Corpus embedded_names();
  friend Corpus read_corpus(const std::string& path, const CorpusFormat& format, std::uint64_t memory);
  Corpus(std::string name, std::string_view embedded);

  // The corpus's own, or one that is part of the program and is not copied.
  std::string_view text() const { return embedded_.empty() ? std::string_view(text_) : embedded_; }
  void find_documents(std::size_t begin);
  template <typename Offset>
  void find_lines(std::size_t begin);
  void take_documents(std::size_t begin);
  void take_whole(std::size_t begin);
  template <typename Offset>
  void append(const Corpus& corpus);

  std::string name_;
  CorpusFormat format_;
  std::optional<std::string> origin_ = "-";
  std::string text_;
  std::string_view embedded_;
  std::string group_;
  std::string sha256_;
  std::size_t given_validation_ = 0;
  std::size_t given_test_ = 0;
  InvalidBytes invalid_bytes_;
  std::variant<std::vector<Extent<std::uint32_t>>, std::vector<Extent<std::uint64_t>>> documents_;  // as the text is long
};

// 32,257 given names of the United States in 2018, compiled into the library; see data/README.md.
MICROGPT_API Corpus embedded_names();

// The corpus in a file, or on standard input where the path is "-". Throws Error: a file that cannot be read, or would not fit
// into memory with its tokens; and as the constructor.
MICROGPT_API Corpus read_corpus(const std::string& path, const CorpusFormat& format = {});

}  // namespace microgpt
