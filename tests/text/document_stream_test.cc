// SPDX-License-Identifier: MIT
#include "text/document_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/error.h"

namespace microgpt::document_stream_test {
namespace {

using Kind = DocumentLayout::Kind;
using Found = std::vector<std::tuple<std::string, std::string, std::size_t>>;  // texts, records, lines

struct Result {
  Found documents;
  std::vector<std::string> headers;
};

Result read(const DocumentLayout& layout, std::string_view text, std::size_t bytes_at_a_time = 1) {
  Result result;
  const auto take = [&](const StreamedDocument& document) {
    result.documents.emplace_back(document.text, document.record, document.line);
  };
  DocumentStream stream("file", Encoding::utf8, InvalidUtf8::error, layout,
                        {take, [&](std::string_view header) { result.headers.emplace_back(header); }});
  for (std::size_t at = 0; at < text.size(); at += bytes_at_a_time) stream.feed(text.substr(at, bytes_at_a_time));
  stream.finish();
  return result;
}

std::string error_of(const DocumentLayout& layout, std::string_view text) {
  try {
    read(layout, text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

DocumentLayout columns(const std::string& column, char delimiter = ',', bool header = false) {
  return {Kind::columns, column, delimiter, header, ""};
}

TEST(DocumentStream, ColumnsAreThoseOfRfc4180) {
  const std::string text = "1,\"a,b\",x\r\n2,\"say \"\"hi\"\"\",y\n\n3,\"two\nlines\", z \n4,,w\n5,5\" disk,v";
  for (const std::size_t bytes : {1U, 7U, 1000U}) {
    const Result second = read(columns("2"), text, bytes);
    EXPECT_EQ(second.documents, (Found{{"a,b", "1,\"a,b\",x", 0},
                                       {"say \"hi\"", "2,\"say \"\"hi\"\"\",y", 1},
                                       {"two\nlines", "3,\"two\nlines\", z ", 3},
                                       {"", "4,,w", 5},
                                       {"5\" disk", "5,5\" disk,v", 6}}));
    EXPECT_TRUE(second.headers.empty());
  }
  EXPECT_EQ(std::get<0>(read(columns("3"), text).documents[2]), "z") << "white space at the ends is no part of a document";
  EXPECT_EQ(read(columns("2", '\t'), "a\t\"b\tx\nc\t\td\n").documents, (Found{{"\"b", "a\t\"b\tx", 0}, {"", "c\t\td", 1}}))
      << "with tabs quotes mean nothing";
}

TEST(DocumentStream, ColumnsHaveNames) {
  const std::string text = "\xEF\xBB\xBFid,\"the code\"\n7,A-1\n8,B-2\n";
  for (const DocumentLayout& layout : {columns("the code"), columns("the code", ',', true), columns("2", ',', true)}) {
    const Result result = read(layout, text);
    EXPECT_EQ(result.headers, std::vector<std::string>{"id,\"the code\""});
    EXPECT_EQ(result.documents, (Found{{"A-1", "7,A-1", 1}, {"B-2", "8,B-2", 2}}));
  }
}

TEST(DocumentStream, RecordsHaveAsManyFieldsAsTheFirst) {
  EXPECT_EQ(read(columns("name"), "name,c,d\nanne,1\nmia\n").documents, (Found{{"anne", "anne,1,", 1}, {"mia", "mia,,", 2}}));
  EXPECT_EQ(read(columns("2", '\t'), "a\tb\n\t\n \n").documents, (Found{{"b", "a\tb", 0}, {"", "\t", 1}}));
}

TEST(DocumentStream, SaysWhereARecordIsWrong) {
  EXPECT_EQ(error_of(columns("name"), "name,c\nanne,1,extra\n"),
            "file: line 2 has 3 columns, and the first record 2; is another --delimiter right?");
  EXPECT_EQ(error_of(columns("b"), "a,b,b\n"),
            "file: line 1 names the column \"b\" twice: say which by its number, and --header");
  EXPECT_EQ(error_of({Kind::fasta, "", ',', false, ""}, "AC\n>x\n"),
            "file: line 1 is before any line that begins with \">\", as those of FASTA do");
  EXPECT_EQ(error_of(columns("price"), "id,code\n"), "file: line 1 names the columns id, code, and \"price\" is asked for");
  EXPECT_EQ(error_of(columns("3"), "a,b,c\n1,2\n"),
            "file: line 2 has 2 columns, and column 3 is asked for; is another --delimiter right?");
  EXPECT_EQ(error_of(columns("1"), "a,b\n\"c\nd\n"), "file: line 2: a quote begins a field that no quote ends");
  EXPECT_THROW(require_valid(columns(""), Encoding::utf8), ConfigError);
  EXPECT_THROW(require_valid(columns("1", '"'), Encoding::utf8), ConfigError);
  EXPECT_THROW(require_valid({Kind::separated, "", ',', false, "("}, Encoding::utf8), ConfigError);
}

TEST(DocumentStream, DocumentsHaveSeveralLines) {
  const std::string text = "\n a\n  b \n \t\n\nc\n";
  EXPECT_EQ(read({Kind::separated, "", ',', false, kBlankLine}, text).documents, (Found{{"a\n  b", "", 1}, {"c", "", 5}}));
  EXPECT_EQ(read({Kind::separated, "", ',', false, "-+ *"}, "a\n\nb\n--- \n---\nc--\n").documents,
            (Found{{"a\n\nb", "", 0}, {"c--", "", 5}}));
}

TEST(DocumentStream, SequencesOfFasta) {
  const std::string text = ">one of them\nACGT\n ACG \n\n>two\n>three\nTT\n";
  EXPECT_EQ(read({Kind::fasta, "", ',', false, ""}, text).documents, (Found{{"ACGTACG", "", 1}, {"TT", "", 6}}));
}

TEST(Corpus, HasDocumentsOfAnyLayout) {
  const Corpus corpus("file", "id,text\n1,\"two\nlines\"\n2, \n3,one\n", {.layout = columns("text")});
  ASSERT_EQ(corpus.size(), 2U);
  EXPECT_EQ(corpus[0], "two\nlines");
  EXPECT_EQ(corpus[1], "one");
  EXPECT_THROW(Corpus("file", "id,text\n", {.layout = columns("text")}), Error) << "there is none";
  EXPECT_THROW(Corpus("file", "a,b\n", {.kind = CorpusKind::text, .layout = columns("1")}), ConfigError);
  EXPECT_EQ(Corpus("file", ">a\nAC\nGT\n", {.layout = {.kind = Kind::fasta}})[0], "ACGT");
}

}  // namespace
}  // namespace microgpt::document_stream_test
