// SPDX-License-Identifier: MIT
#include "text/split.h"

#include <fmt/format.h>

#include <cassert>
#include <unordered_set>

#include "microgpt/error.h"
#include "text/encoded_text.h"
#include "text/siphash.h"

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
  for (std::size_t d = 0; d < corpus.size(); ++d) different.insert(corpus[d]);
  const std::string all = fmt::format("{} documents", corpus.size());
  return different.size() == corpus.size() ? all : fmt::format("{}, {} of them different,", all, different.size());
}

void require_documents(const Corpus& corpus, const Split& split, double held_out) {
  const auto require = [&](std::string_view part, const std::vector<std::size_t>& documents) {
    if (documents.empty()) fail_without(part, corpus, describe_documents(corpus), held_out);
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

}  // namespace

Part part_of(std::string_view document, std::uint64_t seed, double held_out) {
  const double u = static_cast<double>(siphash(document, {seed, 0})) * 0x1p-64;
  if (u < held_out) return Part::validation;
  return u < 2.0 * held_out ? Part::test : Part::training;
}

Split split_corpus(const Corpus& corpus, std::uint64_t seed, double held_out) {
  require_share(held_out);
  Split split;
  std::unordered_set<std::string_view> seen;  // of those held out
  for (std::size_t i = 0; i < corpus.size(); ++i) {
    const Part part = part_of(corpus[i], seed, held_out);
    if (part == Part::training)
      split.training.push_back(i);
    else if (seen.insert(corpus[i]).second)
      (part == Part::validation ? split.validation : split.test).push_back(i);
  }
  if (held_out > 0.0) require_documents(corpus, split, held_out);
  return split;
}

TextSplit split_text(const Corpus& corpus, double held_out) {
  assert(corpus.kind() == CorpusKind::text);
  require_share(held_out);
  const std::string_view text = corpus[0];
  if (held_out == 0.0) return {text, {}, {}};
  const std::size_t count = count_characters(corpus.encoding(), text);
  const auto offset_of_share = [&](double share) {
    return offset_of_character(corpus.encoding(), text, static_cast<std::size_t>(static_cast<double>(count) * share));
  };
  const std::size_t validation = offset_of_share(1.0 - 2.0 * held_out);
  const std::size_t test = offset_of_share(1.0 - held_out);
  const TextSplit split{text.substr(0, validation), text.substr(validation, test - validation), text.substr(test)};
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

}  // namespace microgpt
