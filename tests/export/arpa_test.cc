// SPDX-License-Identifier: MIT
// What is written is read as KenLM and SRILM read it, and predicts what the model predicts.
#include "export/arpa.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/ngram_documents.h"

namespace microgpt::arpa_test {
namespace {

using testing::document;
using testing::ngram_documents;
using testing::random_documents;
using testing::Tokens;

using Words = std::vector<std::string>;

// A reader of ARPA.
class Arpa {
 public:
  explicit Arpa(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "\\data\\");
    std::vector<std::size_t> counts;
    while (std::getline(lines, line) && !line.empty()) counts.push_back(std::stoul(line.substr(line.find('=') + 1)));
    for (std::size_t length = 1; length <= counts.size(); ++length) {
      std::getline(lines, line);
      EXPECT_EQ(line, "\\" + std::to_string(length) + "-grams:");
      std::size_t count = 0;
      for (; std::getline(lines, line) && !line.empty(); ++count) add(line, length);
      EXPECT_EQ(count, counts[length - 1]);
    }
    order_ = counts.size();
    std::getline(lines, line);
    EXPECT_EQ(line, "\\end\\");
    EXPECT_FALSE(std::getline(lines, line));
  }

  // log10 of the probability of the last word after those before.
  double log_probability(Words words) const {
    if (words.size() > order_) words.erase(words.begin(), words.end() - static_cast<std::ptrdiff_t>(order_));
    double backoffs = 0.0;
    for (;; words.erase(words.begin())) {
      if (const auto found = entries_.find(words); found != entries_.end()) return backoffs + found->second.log_probability;
      if (words.size() == 1) {
        ADD_FAILURE() << words.front() << " is not there";
        return 0.0;
      }
      if (const auto context = entries_.find(Words(words.begin(), words.end() - 1)); context != entries_.end())
        backoffs += context->second.backoff;
    }
  }

  // KenLM refuses a model that lacks one of these.
  void expect_the_beginning_of_each() const {
    for (const auto& [words, entry] : entries_)
      if (words.size() > 1) {
        EXPECT_TRUE(entries_.contains(Words(words.begin(), words.end() - 1))) << ::testing::PrintToString(words);
        EXPECT_TRUE(entries_.contains(Words(words.begin() + 1, words.end()))) << ::testing::PrintToString(words);
      }
  }

 private:
  struct Entry {
    double log_probability;
    double backoff;
  };

  void add(const std::string& line, std::size_t length) {
    const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
    std::istringstream stream(line.substr(first + 1, second == std::string::npos ? second : second - first - 1));
    Words words;
    for (std::string word; std::getline(stream, word, ' ');) words.push_back(word);
    EXPECT_EQ(words.size(), length) << line;
    const Entry entry{std::stod(line), second == std::string::npos ? 0.0 : std::stod(line.substr(second))};
    EXPECT_LE(entry.log_probability, 0.0) << line;
    EXPECT_TRUE(entries_.emplace(words, entry).second) << line << " is there twice";
  }

  std::map<Words, Entry> entries_;
  std::size_t order_ = 0;
};

std::string arpa_of(const NgramModel& model, const Tokenizer& tokenizer) {
  std::string text;
  write_arpa(model, tokenizer, [&](std::string_view piece) { text += piece; });
  return text;
}

Tokenizer letters(std::size_t vocab_size) {
  std::u32string characters;
  while (characters.size() + 1 < vocab_size) characters.push_back(U'a' + static_cast<char32_t>(characters.size()));
  return Tokenizer::from_characters(characters);
}

void expect_the_same_after(const NgramModel& model, const Arpa& arpa, NgramModel::Context context, const Words& words,
                           const Tokenizer& tokenizer) {
  for (Token token = 0; token <= tokenizer.bos(); ++token) {
    Words with_token = words;
    with_token.push_back(token == tokenizer.bos() ? "</s>" : tokenizer.symbol(token));
    EXPECT_NEAR(arpa.log_probability(with_token), std::log10(model.probability(context, token)), 1e-8)
        << ::testing::PrintToString(with_token);
  }
}

// All histories of up to so many characters.
void expect_the_same(const NgramModel& model, const Arpa& arpa, NgramModel::Context context, const Words& words,
                     const Tokenizer& tokenizer, std::size_t more) {
  expect_the_same_after(model, arpa, context, words, tokenizer);
  for (Token token = 0; more > 0 && token < tokenizer.bos(); ++token) {
    Words longer = words;
    longer.push_back(tokenizer.symbol(token));
    expect_the_same(model, arpa, model.next(context, token), longer, tokenizer, more - 1);
  }
}

void expect_the_same(const NgramModel& model, std::size_t longest) {
  const Tokenizer tokenizer = letters(model.vocab_size());
  const Arpa arpa(arpa_of(model, tokenizer));
  arpa.expect_the_beginning_of_each();
  expect_the_same(model, arpa, model.start(), {"<s>"}, tokenizer, longest);
}

NgramModel model_of(const std::vector<Tokens>& documents, std::size_t vocab_size, std::size_t order) {
  return NgramModel(NgramCounts(ngram_documents(documents, vocab_size)), order);
}

TEST(Arpa, PredictsWhatTheModelPredicts) {
  for (std::size_t order = 1; order <= 6; ++order) {
    expect_the_same(model_of(random_documents(order, 12, 6, 4), 4, order), 7);
    expect_the_same(model_of({document("ab", 3), document("ab", 3), document("b", 3)}, 3, order), 8);
    expect_the_same(model_of({document("", 3), document("aaaaaaaa", 3)}, 3, order), 9);
  }
  expect_the_same(model_of(random_documents(7, 2000, 9, 9), 9, 5), 4);
  expect_the_same(model_of({document("abababbababaaabab", 3)}, 3, 12), 12);
}

// Files may have n-grams that no documents have: BOS amid others, and less of it before the first token than the order asks.
TEST(Arpa, PredictsWhatAnyModelPredicts) {
  constexpr Token a = 0, bos = 1;
  NgramTrie trie(2);
  trie.add_level();
  const auto a_bos = trie.append(trie.token_node(a), bos, trie.token_node(bos));
  const auto bos_a = trie.append(trie.token_node(bos), a, trie.token_node(a));
  trie.add_level();
  trie.append(a_bos, a, bos_a);
  trie.append(bos_a, bos, a_bos);
  expect_the_same(NgramModel(trie, trie.levels(), {0, 3, 2, 1, 4, 2, 1}), 6);
}

TEST(Arpa, WritesWhatHasNoShapeAsANumber) {
  const Tokenizer tokenizer = Tokenizer::from_characters(std::u32string(U"\0\t\n !<\\\u00a0\u00e9\ufeff\U0001F600", 11));
  const NgramModel model = model_of({tokenizer.encode(std::string("\0 \n\xef\xbb\xbf", 6))}, tokenizer.vocab_size(), 2);
  const std::string text = arpa_of(model, tokenizer);
  for (const char* word : {"U+0000", "U+0009", "U+000A", "U+0020", "!", "<", "\\", "U+00A0", "\u00e9", "U+FEFF", "\U0001F600"})
    EXPECT_NE(text.find(std::string("\t") + word), std::string::npos) << word;
  EXPECT_NE(text.find("\tU+0000 U+0020\n"), std::string::npos);
  EXPECT_NE(text.find("\t<s> U+0000\n"), std::string::npos);
  EXPECT_NE(text.find("\tU+FEFF </s>\n"), std::string::npos);
}

TEST(Arpa, WritesBytesAsNumbers) {
  const Tokenizer tokenizer = Tokenizer::from_characters(U" a\u00c3", Encoding::bytes);
  const std::string text = arpa_of(model_of({tokenizer.encode("a \xc3")}, 4, 2), tokenizer);
  EXPECT_NE(text.find("\ta \\x20\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\t\\x20 \\xc3\n"), std::string::npos) << text;
}

// One that the model has never seen is as likely as score says.
TEST(Arpa, HasAWordForUnseenCharacters) {
  const Arpa arpa(arpa_of(model_of({document("ab", 3)}, 3, 3), letters(3)));
  EXPECT_NEAR(arpa.log_probability({"<unk>"}), -std::log10(3.0 * 1'114'112.0), 1e-8);
}

}  // namespace
}  // namespace microgpt::arpa_test
