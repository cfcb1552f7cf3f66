// SPDX-License-Identifier: MIT
#include "text/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "microgpt/error.h"
#include "text/encoded_text.h"
#include "text/hashes.h"
#include "text/pattern.h"

namespace microgpt {
namespace {

// Written so that NaN is refused, too.
void require_share(double held_out) {
  if (!(held_out >= 0.0 && held_out < 0.5))
    throw ConfigError("held_out", fmt::format("{} is out of range: it must be at least 0 and less than 0.5", held_out));
}

[[noreturn]] void fail_without(std::string_view part, const Corpus& corpus, const std::string& what, double held_out) {
  throw EmptyPart(
      fmt::format("{}: none of its {} falls to {} when a share of {} is held out", corpus.name(), what, part, held_out),
      held_out);
}

std::string describe_documents(const Corpus& corpus) {
  std::unordered_set<std::string_view> different;
  for (std::size_t d = 0; d < corpus.own_size(); ++d) different.insert(corpus[d]);
  const std::string all = fmt::format("{} document{}", corpus.own_size(), corpus.own_size() == 1 ? "" : "s");
  return different.size() == corpus.own_size() ? all : fmt::format("{}, {} of them different,", all, different.size());
}

void require_documents(const Corpus& corpus, const Split& split, double held_out) {
  const auto require = [&](std::string_view part, const std::vector<std::size_t>& documents) {
    if (!documents.empty()) return;
    const bool is_given =
        (part == "validation" && corpus.given_validation() > 0) || (part == "test" && corpus.given_test() > 0);
    if (is_given)
      throw EmptyPart(
          fmt::format("{}: each document that is given for {} is held out for another part, too", corpus.name(), part),
          held_out);
    if (part == "training" && corpus.own_size() < corpus.size())
      throw EmptyPart(
          fmt::format("{}: none of its {} is left to train on, as all are held out", corpus.name(), describe_documents(corpus)),
          held_out);
    fail_without(part, corpus, describe_documents(corpus), held_out);
  };
  require("training", split.training);
  require("validation", split.validation);
  require("test", split.test);
}

void require_characters(const Corpus& corpus, const TextSplit& split, std::size_t count, double held_out) {
  const auto require = [&](std::string_view part, std::string_view stretch) {
    if (stretch.empty()) fail_without(part, corpus, fmt::format("{} characters", count), held_out);
  };
  require("training", split.training);
  require("validation", split.validation);
  require("test", split.test);
}

// What is given must not be a stretch of another part.
void require_apart(const Corpus& corpus, const TextSplit& split) {
  const auto require = [&](std::string_view given, const char* part, std::string_view other, const char* of) {
    if (other.find(given) != std::string_view::npos)
      throw Error(fmt::format("{}: the text that is given for {} is a part of what {}; give another", corpus.name(), part, of));
  };
  if (corpus.given_validation() > 0) require(split.validation, "validation", split.training, "is trained on");
  if (corpus.given_test() == 0) return;
  require(split.test, "the test", split.training, "is trained on");
  require(split.test, "the test", split.validation, "is for validation");
}

double u_of_text(std::string_view text, std::uint64_t seed) { return static_cast<double>(siphash(text, {seed, 0})) * 0x1p-64; }

// The part of each of a corpus's own documents.
class PartOfOwn {
 public:
  PartOfOwn(const Corpus& corpus, std::uint64_t seed, double held_out)
      : corpus_(corpus),
        seed_(seed),
        held_out_(held_out),
        size_(static_cast<double>(corpus.own_size())),
        end_of_validation_(held_out),
        end_of_test_(2.0 * held_out) {
    if (!corpus.group().empty()) group_.emplace(corpus.group(), corpus.encoding());
    if (held_out > 0.0 && corpus.kind() == CorpusKind::lines && !has_all_parts()) leave_none_empty();
  }

  CorpusPart operator()(std::size_t document) const {
    const CorpusPart part = corpus_.kind() == CorpusKind::tail ? by_position(document) : by_content(document);
    const bool is_given = (part == CorpusPart::validation && corpus_.given_validation() > 0) ||
                          (part == CorpusPart::test && corpus_.given_test() > 0);
    return is_given ? CorpusPart::training : part;
  }

  // What the part of a document depends on.
  std::string_view key(std::size_t document) const {
    const std::string_view text = corpus_[document];
    return group_ ? group_->find(text).value_or(text) : text;
  }

 private:
  CorpusPart by_position(std::size_t document) const {
    if (document >= static_cast<std::size_t>(size_ * (1.0 - held_out_))) return CorpusPart::test;
    return document >= static_cast<std::size_t>(size_ * (1.0 - 2.0 * held_out_)) ? CorpusPart::validation
                                                                                 : CorpusPart::training;
  }

  CorpusPart by_content(std::size_t document) const {
    const double u = u_of(document);
    if (u < end_of_validation_) return CorpusPart::validation;
    return u < end_of_test_ ? CorpusPart::test : CorpusPart::training;
  }

  double u_of(std::size_t document) const { return u_of_text(key(document), seed_); }

  bool has_all_parts() const {
    std::array<bool, 3> has{};
    for (std::size_t i = 0; i < corpus_.own_size(); ++i) {
      has[static_cast<std::size_t>(by_content(i))] = true;
      if (has[0] && has[1] && has[2]) return true;
    }
    return false;
  }

  // Moves the bounds so that each part has one u at least, if there are so many.
  void leave_none_empty() {
    std::set<double> all;
    for (std::size_t i = 0; i < corpus_.own_size(); ++i) all.insert(u_of(i));
    if (all.size() < 3) return;
    const std::vector<double> sorted(all.begin(), all.end());
    const auto below = [&](double bound) {
      return static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), bound) - sorted.begin());
    };
    const std::size_t validation = std::clamp<std::size_t>(below(end_of_validation_), 1, sorted.size() - 2);
    const std::size_t held_out = std::clamp(below(end_of_test_), validation + 1, sorted.size() - 1);
    end_of_validation_ = sorted[validation];
    end_of_test_ = sorted[held_out];
  }

  const Corpus& corpus_;
  std::uint64_t seed_;
  double held_out_;
  double size_;
  std::optional<Pattern> group_;
  double end_of_validation_;  // of u
  double end_of_test_;
};

// What is held out as it was given: no other document that is like it in this is in another part.
std::unordered_set<std::string_view> keys_of_given(const Corpus& corpus, const PartOfOwn& part_of_own) {
  std::unordered_set<std::string_view> keys;
  for (std::size_t i = corpus.own_size(); i < corpus.size(); ++i) keys.insert(part_of_own.key(i));
  return keys;
}

CorpusParts parts_of_lines(const Corpus& corpus, const Tokenizer& tokenizer, std::uint64_t seed, double held_out) {
  const Split split = split_corpus(corpus, seed, held_out);
  const auto tokenize = [&](const std::vector<std::size_t>& indices) -> std::optional<TokenizedDocuments> {
    if (indices.empty()) return std::nullopt;
    return TokenizedDocuments(corpus, tokenizer, indices);
  };
  return {TokenizedDocuments(corpus, tokenizer, split.training), tokenize(split.validation), tokenize(split.test)};
}

CorpusParts parts_of_text(const Corpus& corpus, const Tokenizer& tokenizer, double held_out) {
  const TextSplit split = split_text(corpus, held_out);
  const auto tokenize = [&](std::string_view stretch, StretchEnd end) {
    return TokenizedDocuments::from_stretch(tokenizer, stretch, end);
  };
  if (split.test.empty()) return {tokenize(split.training, StretchEnd::bos), std::nullopt, std::nullopt};
  // A text ends with its last stretch, and those that are given are whole texts.
  const bool ends_with_validation = corpus.given_validation() > 0 || corpus.given_test() > 0;
  const bool ends_with_training = corpus.given_validation() > 0 && corpus.given_test() > 0;
  return {tokenize(split.training, ends_with_training ? StretchEnd::bos : StretchEnd::open),
          tokenize(split.validation, ends_with_validation ? StretchEnd::bos : StretchEnd::open),
          tokenize(split.test, StretchEnd::bos)};
}

}  // namespace

CorpusPart part_of(std::string_view document, std::uint64_t seed, double held_out) {
  const double u = u_of_text(document, seed);
  if (u < held_out) return CorpusPart::validation;
  return u < 2.0 * held_out ? CorpusPart::test : CorpusPart::training;
}

Split split_corpus(const Corpus& corpus, std::uint64_t seed, double held_out) {
  require_share(held_out);
  const PartOfOwn part_of_own(corpus, seed, held_out);
  const auto part_at = [&](std::size_t i) {
    if (i < corpus.own_size()) return part_of_own(i);
    return i < corpus.own_size() + corpus.given_validation() ? CorpusPart::validation : CorpusPart::test;
  };
  const std::unordered_set<std::string_view> given(keys_of_given(corpus, part_of_own));
  std::unordered_set<std::string_view> seen;  // of those that are not held out, or not again
  Split split;
  for (std::size_t i = 0; i < corpus.own_size(); ++i) {
    if (part_at(i) != CorpusPart::training) continue;
    if (given.contains(part_of_own.key(i))) {
      ++split.left_out;
      continue;
    }
    split.training.push_back(i);
    if (corpus.kind() == CorpusKind::tail) seen.insert(corpus[i]);
  }
  const auto hold_out = [&](std::size_t i) {
    const CorpusPart part = part_at(i);
    if (part == CorpusPart::training || !seen.insert(corpus[i]).second) return;
    (part == CorpusPart::validation ? split.validation : split.test).push_back(i);
  };
  for (std::size_t i = corpus.own_size(); i < corpus.size(); ++i) hold_out(i);
  for (std::size_t i = 0; i < corpus.own_size(); ++i)
    if (!given.contains(part_of_own.key(i))) hold_out(i);
  if (held_out > 0.0) require_documents(corpus, split, held_out);
  return split;
}

TextSplit split_text(const Corpus& corpus, double held_out) {
  assert(corpus.kind() == CorpusKind::text);
  require_share(held_out);
  const std::string_view text = corpus[0];
  if (held_out == 0.0 && corpus.own_size() == corpus.size()) return {text, {}, {}};
  const std::size_t count = count_characters(corpus.encoding(), text);
  const auto offset_of_share = [&](double share) {
    return offset_of_character(corpus.encoding(), text, static_cast<std::size_t>(static_cast<double>(count) * share));
  };
  const double test_share = corpus.given_test() > 0 ? 0.0 : held_out;
  const double validation_share = corpus.given_validation() > 0 ? 0.0 : held_out;
  const std::size_t validation = offset_of_share(1.0 - (test_share + validation_share));
  const std::size_t test = offset_of_share(1.0 - test_share);
  TextSplit split{text.substr(0, validation), text.substr(validation, test - validation), text.substr(test)};
  if (corpus.given_validation() > 0) split.validation = corpus[corpus.own_size()];
  if (corpus.given_test() > 0) split.test = corpus[corpus.size() - 1];
  require_apart(corpus, split);
  require_characters(corpus, split, count, held_out);
  return split;
}

std::optional<double> share_for_all_parts(std::span<const CorpusToSplit> corpora, double held_out) {
  constexpr int kShares = 20;
  for (int n = 1; 2 * n < kShares; ++n) {
    const double share = static_cast<double>(n) / kShares;
    if (share <= held_out) continue;
    try {
      for (const auto& [corpus, seed] : corpora)
        corpus->kind() == CorpusKind::text ? void(split_text(*corpus, share)) : void(split_corpus(*corpus, seed, share));
      return share;
    } catch (const EmptyPart&) {
      continue;
    }
  }
  return std::nullopt;
}

CorpusParts split_and_tokenize(const Corpus& corpus, const Tokenizer& tokenizer, std::uint64_t seed, double held_out) {
  return corpus.kind() == CorpusKind::text ? parts_of_text(corpus, tokenizer, held_out)
                                           : parts_of_lines(corpus, tokenizer, seed, held_out);
}

TokenizedDocuments documents_to_train_on(CorpusKind kind, TokenizedDocuments training, std::size_t block_size) {
  return kind == CorpusKind::text ? training.windows(block_size) : std::move(training);
}

}  // namespace microgpt
