// SPDX-License-Identifier: MIT
// The documents of a stream of bytes as they come, where each is not simply a line: a field of a record, several lines, or a
// sequence of FASTA (DocumentLayout). What LineStream says of lines, encodings and byte order marks holds here, too, but that
// white space within records stays as it is.
//
// Memory: one document, and with columns its record.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "text/line_stream.h"
#include "text/pattern.h"

namespace microgpt {

// What points into it is valid during a call.
struct StreamedDocument {
  std::string_view text;    // stripped of white space at its ends
  std::string_view record;  // with columns all of its record, line ends within it being "\n", with as many fields as the first
                            // one; otherwise empty
  std::size_t line = 0;     // where it begins, from 0
};

// Throws ConfigError that names the flag: what a layout may not have.
void require_valid(const DocumentLayout& layout, Encoding encoding);

class DocumentStream {
 public:
  struct Sink {
    std::function<void(const StreamedDocument&)> take;  // with columns also where the text is empty
    std::function<void(std::string_view)> take_header;  // the record of the names, where there is one
  };

  // `name` stands for the stream in error messages. REQUIRES: the layout is valid, and not that of lines.
  DocumentStream(std::string name, Encoding encoding, InvalidUtf8 invalid, DocumentLayout layout, Sink sink);
  DocumentStream(const DocumentStream&) = delete;
  DocumentStream& operator=(const DocumentStream&) = delete;

  // As LineStream. Throws Error as that does; a record without the column; a quote that nothing closes.
  void feed(std::string_view bytes) { lines_.feed(bytes); }
  void finish();

  std::size_t invalid() const { return lines_.invalid(); }

 private:
  void take_line(std::string_view line);
  void take_line_of_several(std::string_view line);
  void take_line_of_fasta(std::string_view line);
  void take_line_of_record(std::string_view line);
  void scan(std::string_view line);
  void end_field();
  void end_record();
  void find_column();
  void end_document();
  [[noreturn]] void fail(const std::string& what) const;

  std::string name_;
  Encoding encoding_;
  DocumentLayout layout_;
  Sink sink_;
  std::unique_ptr<const Pattern> separator_;  // null: a blank line
  LineStream lines_;
  std::string line_;
  std::string text_;  // of the open document
  bool has_text_ = false;
  bool has_description_ = false;  // of FASTA, one came
  std::size_t begin_ = 0;         // the line where it, or its record, begins

  // With columns.
  std::string record_;
  std::vector<std::string> names_;  // of the header, while it is read
  std::size_t fields_ = 0;          // of the first record
  std::size_t column_ = 0;          // from 0
  bool is_header_ = false;          // the open record is
  std::size_t field_ = 0;           // of the open record
  std::string value_;               // of the open field
  bool at_field_begin_ = true;
  bool in_quotes_ = false;
  bool in_record_ = false;
};

}  // namespace microgpt
