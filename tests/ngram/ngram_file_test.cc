// SPDX-License-Identifier: MIT
#include "ngram/ngram_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "microgpt/error.h"
#include "support/ngram_documents.h"
#include "text/hashes.h"
#include "text/little_endian.h"

namespace microgpt::ngram_file_test {
namespace {

using testing::document;
using testing::ngram_documents;
using testing::random_documents;
using testing::Tokens;

constexpr const char* kRemedy = "; restore the file from a copy or save the model again";

NgramModel model_of(const std::vector<Tokens>& documents, std::size_t vocab_size, std::size_t order) {
  return NgramModel(NgramCounts(ngram_documents(documents, vocab_size)), order);
}

std::string with_checksum(std::string bytes) {
  append_little_endian(bytes, siphash(bytes, {0, 0}));
  return bytes;
}

// A file with this header, and the bytes after it.
std::string file_of(std::uint32_t version, std::uint32_t order, std::uint32_t vocab_size, std::string_view body) {
  std::string bytes = "microgpt n-gram\n";
  for (const std::uint32_t number : {version, order, vocab_size}) append_little_endian(bytes, number);
  return with_checksum(bytes + std::string(body));
}

std::string file_of(std::uint32_t order, std::uint32_t vocab_size, const std::vector<int>& body) {
  std::string bytes;
  for (const int byte : body) bytes.push_back(static_cast<char>(byte));
  return file_of(1, order, vocab_size, bytes);
}

std::string error_of(const std::string& bytes) {
  try {
    ngram_from_bytes("m/ngram.bin", bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

void expect_error(const std::string& bytes, const std::string& problem) {
  EXPECT_EQ(error_of(bytes), "m/ngram.bin" + problem + kRemedy);
}

TEST(NgramFile, IsTheDocumentedFormat) {
  const auto documents = {document("ab", 3), document("b", 3), document("ab", 3)};
  EXPECT_EQ(ngram_to_bytes(model_of(documents, 3, 1)), file_of(1, 3, {2, 3, 3}));
  // BOS a, BOS b, BOS BOS; of two tokens: a b twice, b BOS three times, and BOS a twice, BOS b once, BOS BOS never.
  EXPECT_EQ(ngram_to_bytes(model_of(documents, 3, 2)), file_of(2, 3, {1, 1, 1, 2, 3, 0, 0, 0, 2, 3, 2, 1, 0}));
}

TEST(NgramFile, WritesLargeNumbersInSevenBitsAByte) {
  NgramTrie trie(2);
  EXPECT_EQ(ngram_to_bytes(NgramModel(trie, trie.levels(), {0, 300, UINT32_MAX})),
            file_of(1, 2, {0xAC, 0x02, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}));
}

void expect_same(const NgramModel& model, const NgramModel& other) {
  ASSERT_EQ(other.order(), model.order());
  ASSERT_EQ(other.vocab_size(), model.vocab_size());
  EXPECT_EQ(other.counts(), model.counts());
  std::vector<double> losses;
  std::vector<double> other_losses;
  for (const Tokens& tokens : random_documents(9, 20, 12, model.vocab_size())) {
    model.append_losses(tokens, losses);
    other.append_losses(tokens, other_losses);
  }
  EXPECT_EQ(other_losses, losses);
}

TEST(NgramFile, ReadsWhatItWrote) {
  for (std::size_t order = 1; order <= kMaxNgramOrder; ++order)
    for (const std::size_t vocab_size : {2U, 5U, 300U}) {
      const NgramModel model = model_of(random_documents(order, 30, 12, vocab_size), vocab_size, order);
      const std::string bytes = ngram_to_bytes(model);
      const NgramModel read = ngram_from_bytes("m", bytes);
      expect_same(model, read);
      EXPECT_EQ(ngram_to_bytes(read), bytes);
    }
}

TEST(NgramFile, IsTheSameForTheSameDocuments) {
  std::vector<Tokens> documents = random_documents(4, 40, 9, 5);
  const std::string bytes = ngram_to_bytes(model_of(documents, 5, 4));
  std::reverse(documents.begin(), documents.end());
  EXPECT_EQ(ngram_to_bytes(model_of(documents, 5, 4)), bytes);
  documents.pop_back();
  EXPECT_NE(ngram_to_bytes(model_of(documents, 5, 4)), bytes);
}

TEST(NgramFile, OfNothingIsRead) {
  for (const std::size_t order : {1U, 3U}) {
    const NgramModel model(NgramCounts(NgramDocuments(4)), order);
    expect_same(model, ngram_from_bytes("m", ngram_to_bytes(model)));
  }
}

TEST(NgramFile, NoticesEveryChangedByteAndEveryMissingOne) {
  const std::string bytes = ngram_to_bytes(model_of(random_documents(1, 5, 6, 3), 3, 3));
  ASSERT_EQ(error_of(bytes), "no error");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(error_of(changed), "no error") << i;
    EXPECT_NE(error_of(bytes.substr(0, i)), "no error") << i;
  }
  EXPECT_NE(error_of(bytes + '\0'), "no error");
}

TEST(NgramFile, SaysWhatIsWrongWithAHeader) {
  expect_error("", " is no n-gram model");
  expect_error("microgpt n-gram\r", " is no n-gram model");
  expect_error("microgpt n-gram\n", " is cut off: it has 16 bytes");
  expect_error(file_of(2, 1, 2, "\1\1"), " is of version 2, and this program reads version 1");
  expect_error(file_of(0, 2, {1, 1}), ": order 0 is out of range: it must be from 1 to 12");
  expect_error(file_of(13, 2, {1, 1}), ": order 13 is out of range: it must be from 1 to 12");
  expect_error(file_of(1, 1, {1}), ": vocab_size 1 is out of range: it must be from 2 to 1112065");
  expect_error(file_of(1, UINT32_MAX, {1}), ": vocab_size 4294967295 is out of range: it must be from 2 to 1112065");
  std::string changed = file_of(1, 2, {1, 1});
  changed[28] = 2;
  expect_error(changed, " is not as it was written: its checksum is another");
}

TEST(NgramFile, TakesNoMemoryForWhatIsNotThere) {
  expect_error(file_of(1, 1'112'065, {1, 1}), " is cut off: it has 38 bytes, and its vocabulary 1112065 tokens");
  expect_error(file_of(2, 2, {0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0}), " is cut off: it has 42 bytes");
}

TEST(NgramFile, SaysWhichNumberIsNone) {
  expect_error(file_of(1, 2, {1, 0x80, 0x00}), ": no number of 32 bits ends at byte 31");
  expect_error(file_of(1, 2, {1, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F}), ": no number of 32 bits ends at byte 34");
  expect_error(file_of(1, 2, {1, 0x81, 0x82, 0x83, 0x84, 0x85, 0x01}), ": no number of 32 bits ends at byte 34");
  expect_error(file_of(1, 2, {1, 0x81}), " is cut off: it has 38 bytes");
}

TEST(NgramFile, ChecksEveryNgram) {
  EXPECT_EQ(error_of(file_of(2, 2, {1, 1, 1, 0, 5, 6})), "no error");
  expect_error(file_of(2, 2, {1, 2, 1, 0, 5, 6}), ": an n-gram of 2 tokens has the token 2, and there are 2");
  expect_error(file_of(2, 2, {2, 1, 0, 0, 5, 6}), ": an n-gram of 2 tokens has the token 2, and there are 2");
  expect_error(file_of(2, 2, {1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}),
               ": an n-gram of 2 tokens has the token 4294967295, and there are 2");
  expect_error(file_of(2, 2, {1, 1, 1, 0, 5, 0}), ": an n-gram of 2 tokens never occurs");
  expect_error(file_of(2, 2, {1, 1, 1, 0, 5}), " is cut off: it has 41 bytes");
  expect_error(file_of(2, 2, {1, 1, 1, 0, 5, 6, 7}), " has 1 bytes that belong to nothing");
  // Of two tokens a BOS and BOS a; of three BOS a a, whose end a a is not among those.
  expect_error(file_of(3, 2, {1, 1, 1, 0, 0, 1, 0, 5}), ": an n-gram of 3 tokens has an end that is missing");
  // Of two tokens a BOS and BOS a; of three BOS a BOS, so that BOS a stands after nothing.
  expect_error(file_of(3, 2, {1, 1, 1, 0, 0, 1, 1, 5}), ": an n-gram of 2 tokens never occurs");
}

TEST(NgramFile, BosAloneNeedNotOccur) {
  EXPECT_EQ(error_of(file_of(2, 2, {1, 1, 2, 0, 0, 5, 6, 0})), "no error");
  EXPECT_EQ(error_of(file_of(2, 2, {1, 1, 2, 0, 0, 5, 6, 1})), "no error");
}

}  // namespace
}  // namespace microgpt::ngram_file_test
