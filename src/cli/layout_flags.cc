// SPDX-License-Identifier: MIT
#include "cli/layout_flags.h"

#include <fmt/format.h>

#include "text/document_stream.h"
#include "training/settings.h"

namespace microgpt {
namespace {

char delimiter_of(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  if (text.size() != 1)
    throw UsageError(fmt::format("--delimiter {}: one character of ASCII, or the word tab, is expected", text));
  return text.front();
}

}  // namespace

std::vector<const Flag*> add_layout_flags(Command& command, LayoutFlags& flags) {
  Flag& column = command.add_text("--column", "N|NAME", into(flags.column),
                                  "Documents are this column of comma-separated values, by its number or name");
  Flag& delimiter =
      command.add_text("--delimiter", "CHARACTER", into(flags.delimiter), "What separates columns; tab is a word for it [,]");
  Flag& header = command.add_switch("--header", into(flags.header), "The first record has the names of columns");
  Flag& separator = command.add_text("--separator", "REGEX|blank-line", into(flags.separator),
                                     "Documents have several lines, and a line that matches stands between them");
  Flag& fasta = command.add_switch("--fasta", into(flags.fasta), "Documents are the sequences of a FASTA file");
  separator.exclude(column);
  fasta.exclude(column).exclude(separator);
  std::vector<const Flag*> all;
  for (Flag* const flag : {&column, &delimiter, &header, &separator, &fasta}) {
    flag->in(kDataGroup);
    flag->is_rare = flag != &column;
    all.push_back(flag);
  }
  return all;
}

std::optional<DocumentLayout> layout_of(const LayoutFlags& flags, Encoding encoding) {
  if (!flags.column && (flags.delimiter || flags.header))
    throw UsageError(
        fmt::format("{}: say which column has the documents, by --column", flags.delimiter ? "--delimiter" : "--header"));
  DocumentLayout layout;
  if (flags.column) {
    layout.kind = DocumentLayout::Kind::columns;
    layout.column = *flags.column;
    layout.header = flags.header;
    if (flags.delimiter) layout.delimiter = delimiter_of(*flags.delimiter);
  } else if (flags.separator) {
    layout.kind = DocumentLayout::Kind::separated;
    layout.separator = *flags.separator;
  } else if (flags.fasta) {
    layout.kind = DocumentLayout::Kind::fasta;
  } else {
    return std::nullopt;
  }
  require_valid(layout, encoding);
  return layout;
}

}  // namespace microgpt
