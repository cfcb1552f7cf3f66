// SPDX-License-Identifier: MIT
#include "text/split.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "microgpt/error.h"

namespace microgpt::split_test {
namespace {

using Indices = std::vector<std::size_t>;

std::size_t sum(const Indices& indices) {
  std::size_t sum = 0;
  for (const std::size_t index : indices) sum += index;
  return sum;
}

Corpus corpus_of(const std::string& text) { return Corpus::from_lines("corpus.txt", text); }

std::set<std::string> texts(const Corpus& corpus, const Indices& documents) {
  std::set<std::string> texts;
  for (const std::size_t i : documents) texts.emplace(corpus[i]);
  return texts;
}

// The numbers come from the rule in the header, written down once more in Python.
TEST(Split, IsTheSameEverywhere) {
  const Corpus names = embedded_names();
  const Split split = split_corpus(names, 42, 0.1);
  EXPECT_EQ(split.training.size(), 25825U);
  EXPECT_EQ(split.validation.size(), 2932U);
  EXPECT_EQ(split.test.size(), 2999U);
  EXPECT_EQ(sum(split.validation), 46265074U);
  EXPECT_EQ(sum(split.test), 46278732U);
  EXPECT_EQ((Indices(split.training.begin(), split.training.begin() + 3)), (Indices{0, 1, 4}));

  const Split other = split_corpus(names, std::numeric_limits<std::uint64_t>::max(), 0.2);
  EXPECT_EQ(other.training.size(), 19306U);
  EXPECT_EQ(sum(other.validation), 91965445U);
  EXPECT_EQ(sum(other.test), 91792113U);
}

TEST(Split, NoTextIsOnTwoSides) {
  const Corpus names = embedded_names();
  const Split split = split_corpus(names, 1, 0.3);
  const auto training = texts(names, split.training);
  const auto validation = texts(names, split.validation);
  const auto test = texts(names, split.test);
  EXPECT_EQ(validation.size(), split.validation.size()) << "held-out documents count once";
  EXPECT_EQ(test.size(), split.test.size());
  EXPECT_LT(training.size(), split.training.size()) << "training keeps duplicates, as these names have";
  std::set<std::string> all = training;
  all.insert(validation.begin(), validation.end());
  all.insert(test.begin(), test.end());
  EXPECT_EQ(all.size(), training.size() + validation.size() + test.size());
}

// With seed 42: h 0.04, a 0.14, j 0.30, c 0.33, d 0.88.
TEST(Split, TheFirstShareIsValidationAndTheSecondTest) {
  EXPECT_EQ(part_of("h", 42, 0.1), CorpusPart::validation);
  EXPECT_EQ(part_of("a", 42, 0.1), CorpusPart::test);
  EXPECT_EQ(part_of("j", 42, 0.1), CorpusPart::training);
  EXPECT_EQ(part_of("a", 42, 0.2), CorpusPart::validation);
  EXPECT_EQ(part_of("j", 42, 0.2), CorpusPart::test);
  EXPECT_EQ(part_of("\u00e9\U0001F600", 42, 0.1), CorpusPart::validation) << "of bytes above 127";
  EXPECT_EQ(part_of("h", 42, 0.0), CorpusPart::training);
}

TEST(Split, KeepsTheOrderAndTheFirstOfEqualDocuments) {
  const Split split = split_corpus(corpus_of("d\na\nh\nd\nh\nc\na\nh\n"), 42, 0.1);
  EXPECT_EQ(split.training, (Indices{0, 3, 5}));
  EXPECT_EQ(split.validation, (Indices{2}));
  EXPECT_EQ(split.test, (Indices{1}));
}

TEST(Split, HoldsNothingOutWhenAskedTo) {
  const Split split = split_corpus(corpus_of("h\na\nh\n"), 42, 0.0);
  EXPECT_EQ(split.training, (Indices{0, 1, 2}));
  EXPECT_TRUE(split.validation.empty());
  EXPECT_TRUE(split.test.empty());
}

std::string error_of(const std::string& text, double held_out) {
  try {
    split_corpus(corpus_of(text), 42, held_out);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Split, NamesThePartWithoutDocumentsAndTheRemedy) {
  const auto message = [](const std::string& count, const std::string& part, const std::string& share) {
    return "corpus.txt: none of its " + count + " falls to " + part + " when a share of " + share +
           " is held out; give more documents, or hold out another share";
  };
  EXPECT_EQ(error_of("d\nh\n", 0.1), message("2 documents", "test", "0.1"));
  EXPECT_EQ(error_of("h\na\n", 0.1), message("2 documents", "training", "0.1"));
  EXPECT_EQ(error_of("d\n", 1e-300), message("1 document", "validation", "1e-300")) << "however little is held out";
  EXPECT_EQ(error_of("d\nh\nh\nd\n", 0.1), message("4 documents, 2 of them different,", "test", "0.1"));
  EXPECT_EQ(error_of("d\nh\na\n", 0.1), "no error");
}

// As far as there are three different documents, whatever the share; of equal ones all are on one side.
TEST(Split, LeavesNoPartOfAShortListEmpty) {
  std::string text;
  for (int documents = 1; documents <= 40; ++documents) {
    text += "document " + std::to_string(documents) + "\n";
    const Corpus corpus = corpus_of(text + text);
    if (documents < 3) continue;
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U})
      for (const double share : {0.01, 0.1, 0.3, 0.49}) {
        const Split split = split_corpus(corpus, seed, share);
        EXPECT_EQ(split.training.size() / 2 + split.validation.size() + split.test.size(), corpus.size() / 2);
        EXPECT_FALSE(split.validation.empty() || split.test.empty() || split.training.empty());
      }
  }
}

// The least one of several corpora: with each smaller twentieth a part of one of them is empty.
TEST(Split, FindsAShareThatLeavesSomeForEachPart) {
  std::string text;
  for (int documents = 1; documents <= 12; ++documents) {
    text += "document " + std::to_string(documents) + "\n";
    const Corpus corpus = corpus_of(text), other = corpus_of(text + "one more\n");
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const std::array both{CorpusToSplit{&corpus, seed}, CorpusToSplit{&other, seed + 1}};
      const auto is_enough = [&](double share) {
        try {
          for (const auto& [each, its_seed] : both) split_corpus(*each, its_seed, share);
          return true;
        } catch (const EmptyPart&) {
          return false;
        }
      };
      std::optional<double> expected;
      for (const double share : {0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15})
        if (is_enough(share)) expected = share;
      EXPECT_EQ(share_for_all_parts(both, 0.1), expected) << documents << ", " << seed;
    }
  }
}

std::string numbers(int begin, int end) {
  std::string text;
  for (int i = begin; i < end; ++i) text += std::to_string(i) + "\n";
  return text;
}

TEST(Split, OfLinesInTimeHoldsOutTheLast) {
  const Corpus corpus("log", numbers(0, 10) + "3\n8\n9\n10\n10\n", {.kind = CorpusKind::tail});
  const Split split = split_corpus(corpus, 7, 0.2);
  EXPECT_EQ(split.training, (Indices{0, 1, 2, 3, 4, 5, 6, 7, 8})) << "9 of 15";
  EXPECT_EQ(split.validation, (Indices{9})) << "3 and 8 were trained on";
  EXPECT_EQ(split.test, (Indices{13})) << "9 was for validation";
  EXPECT_EQ(split_corpus(corpus, 8, 0.2).test, split.test) << "whatever the seed";
  EXPECT_THROW(split_corpus(Corpus("log", "a\nb\nc\nc\nc\nc\n", {.kind = CorpusKind::tail}), 7, 0.2), EmptyPart);
}

TEST(Split, AGroupIsOnOneSide) {
  std::string text;
  for (int user = 0; user < 200; ++user)
    for (int i = 0; i < 5; ++i) text += "id=" + std::to_string(user) + " line " + std::to_string(i) + "\n";
  for (const std::string pattern : {"id=(\\d+) ", "id=\\d+ "}) {
    Corpus corpus = corpus_of(text + "no number here\n");
    corpus.set_group(pattern);
    const Split split = split_corpus(corpus, 1, 0.2);
    std::set<std::string> parts[3];
    int part = 0;
    for (const Indices& indices : {split.training, split.validation, split.test}) {
      for (const std::size_t d : indices) parts[part].emplace(corpus[d].substr(0, corpus[d].find(" line")));
      EXPECT_GT(parts[part++].size(), 20U);
    }
    EXPECT_EQ(parts[0].size() + parts[1].size() + parts[2].size(), 201U);
    EXPECT_EQ(split.training.size() + split.validation.size() + split.test.size(), 1001U);
  }
  Corpus corpus = corpus_of(text);
  corpus.set_group("(");
  EXPECT_THROW(split_corpus(corpus, 1, 0.2), Error);
}

// They take the place of a share, and what is like them is not trained on.
TEST(Split, DocumentsAreGivenAsHeldOut) {
  const Corpus own = corpus_of(numbers(0, 100)), some = corpus_of("5\n500\n500\n"), others = corpus_of("6\n600\n");
  const Corpus both = own.with_held_out(&some, &others);
  EXPECT_EQ(both.own_size(), 100U);
  const Split split = split_corpus(both, 1, 0.1);
  EXPECT_EQ(split.training.size(), 98U);
  EXPECT_EQ(split.left_out, 2U);
  EXPECT_EQ(texts(both, split.validation), (std::set<std::string>{"5", "500"}));
  EXPECT_EQ(texts(both, split.test), (std::set<std::string>{"6", "600"}));

  const Split alone = split_corpus(own, 1, 0.1);
  const Corpus with_test = own.with_held_out(nullptr, &others);
  const Split one = split_corpus(with_test, 1, 0.1);
  EXPECT_EQ(one.test.size(), 2U);
  auto validation = texts(own, alone.validation);
  validation.erase("6");
  EXPECT_EQ(texts(with_test, one.validation), validation);
  EXPECT_EQ(one.training.size() + one.validation.size() + one.left_out, 100U);
}

TEST(Split, RefusesSharesOutOfRange) {
  for (const double held_out : {-0.1, 0.5, 1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    try {
      split_corpus(corpus_of("a\n"), 42, held_out);
      FAIL() << held_out;
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.field(), "held_out");
    }
  }
  EXPECT_NO_THROW(split_corpus(embedded_names(), 42, 0.49));
}

using Stretches = std::vector<std::string>;

Stretches stretches_of(const std::string& text, double held_out, Encoding encoding = Encoding::utf8) {
  const Corpus corpus = Corpus::from_text("text.txt", text, encoding);
  const TextSplit split = split_text(corpus, held_out);
  return {std::string(split.training), std::string(split.validation), std::string(split.test)};
}

TEST(TextSplit, TheTestIsTheEndAndValidationIsBeforeIt) {
  EXPECT_EQ(stretches_of("0123456789", 0.1), (Stretches{"01234567", "8", "9"}));
  EXPECT_EQ(stretches_of("0123456789", 0.3), (Stretches{"0123", "456", "789"}));
  EXPECT_EQ(stretches_of("0123456789abc", 0.1), (Stretches{"0123456789", "a", "bc"})) << "int(10.4) and int(11.7)";
}

TEST(TextSplit, CountsCharactersAndCutsNone) {
  EXPECT_EQ(stretches_of("é€😀é€😀é€😀é", 0.1), (Stretches{"é€😀é€😀é€", "😀", "é"}));
  EXPECT_EQ(stretches_of("ééééé", 0.1, Encoding::bytes), (Stretches{"éééé", "\xC3", "\xA9"}));
}

TEST(TextSplit, TextsAreGivenAsHeldOut) {
  const Corpus own = Corpus::from_text("own", "0123456789"), other = Corpus::from_text("other", "ab\n");
  const Corpus with_test = own.with_held_out(nullptr, &other);
  const TextSplit one = split_text(with_test, 0.2);
  EXPECT_EQ(one.training, "01234567");
  EXPECT_EQ(one.validation, "89");
  EXPECT_EQ(one.test, "ab\n");
  const Corpus third = Corpus::from_text("third", "89a");
  const Corpus with_both = own.with_held_out(&other, &third);
  const TextSplit both = split_text(with_both, 0.2);
  EXPECT_EQ(both.training, "0123456789");
  EXPECT_EQ(both.validation, "ab\n");
  EXPECT_EQ(both.test, "89a");
}

TEST(TextSplit, RefusesATextThatIsAPartOfAnother) {
  const Corpus own = Corpus::from_text("own", "0123456789"), other = Corpus::from_text("other", "ab\n"),
               part = Corpus::from_text("part", "345");
  EXPECT_THROW(split_text(own.with_held_out(nullptr, &part), 0.2), Error);
  EXPECT_THROW(split_text(own.with_held_out(&part, &other), 0.2), Error);
  EXPECT_THROW(split_text(own.with_held_out(&other, &other), 0.2), Error);
}

TEST(Split, AGroupOfWhatIsGivenIsInNoOtherPart) {
  Corpus own = Corpus::from_lines("own", "u1 a\nu1 b\nu2 a\nu3 a\nu4 a\nu5 a\nu6 a\nu7 a\nu8 a\n");
  const Corpus validation = Corpus::from_lines("validation", "u1 x\n"), test = Corpus::from_lines("test", "u3 y\n");
  own.set_group("^(\\S+)");
  const Corpus all = own.with_held_out(&validation, &test);
  const Split split = split_corpus(all, 42, 0.1);
  for (const std::size_t d : split.training) EXPECT_FALSE(all[d].starts_with("u1") || all[d].starts_with("u3")) << all[d];
  EXPECT_EQ(split.left_out, 3U);
  EXPECT_EQ(split.training.size(), 6U);
}

TEST(TextSplit, HoldsNothingOutWhenAskedTo) { EXPECT_EQ(stretches_of("a\n", 0.0), (Stretches{"a\n", "", ""})); }

TEST(TextSplit, NamesThePartWithoutCharactersAndTheRemedy) {
  const auto error_of = [](const std::string& text, double held_out) -> std::string {
    try {
      stretches_of(text, held_out);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const auto message = [](const std::string& count, const std::string& part, const std::string& share) {
    return "text.txt: none of its " + count + " characters falls to " + part + " when a share of " + share +
           " is held out; give more documents, or hold out another share";
  };
  EXPECT_EQ(error_of("€", 0.1), message("1", "training", "0.1"));
  EXPECT_EQ(error_of("abcd", 0.1), message("4", "validation", "0.1"));
  EXPECT_EQ(error_of("abcd", 1e-300), message("4", "validation", "1e-300"));
  EXPECT_EQ(error_of("€€€€€", 0.2), "no error");
  EXPECT_THROW(stretches_of("abcd", 0.5), ConfigError);
  EXPECT_THROW(stretches_of("abcd", std::nan("")), ConfigError);
}

}  // namespace
}  // namespace microgpt::split_test
