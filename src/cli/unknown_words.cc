// SPDX-License-Identifier: MIT
#include "cli/unknown_words.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace microgpt {
namespace {

struct Synonym {
  std::string_view word;     // of other programs
  std::string_view meaning;  // the name here, and perhaps what must stand with it
};

constexpr std::array kSynonyms = std::to_array<Synonym>({
    {"anomaly", "score"},
    {"detect", "score"},
    {"evaluate", "eval"},
    {"fine-tune", "train --init MODEL"},
    {"finetune", "train --init MODEL"},
    {"fit", "train"},
    {"gen", "sample"},
    {"generate", "sample"},
    {"label", "classify"},
    {"perplexity", "eval"},
    {"predict", "score, classify or sample"},
    {"resume", "train --resume DIR"},
    {"test", "eval"},
    {"tokenize", "tokens"},
    {"tune", "sweep"},
    {"validate", "eval"},
    {"--clip-norm", "--clip"},
    {"--context", "--block-size"},
    {"--count", "--num-samples"},
    {"--ctx", "--block-size"},
    {"--dim", "--n-embd"},
    {"--early-stopping", "--patience"},
    {"--epochs", "--num-steps N, which counts batches"},
    {"--grad-clip", "--clip"},
    {"--heads", "--n-head"},
    {"--hidden", "--n-embd"},
    {"--iters", "--num-steps"},
    {"--iterations", "--num-steps"},
    {"--layers", "--n-layer"},
    {"--lr", "--learning-rate"},
    {"--max-iters", "--num-steps"},
    {"--max-steps", "--num-steps"},
    {"--max-tokens", "--max-length"},
    {"--n", "--num-samples"},
    {"--nproc", "--threads"},
    {"--out", "--output"},
    {"--out-dir", "--output"},
    {"--samples", "--num-samples"},
    {"--steps", "--num-steps"},
    {"--temp", "--temperature"},
    {"--time", "--seconds"},
    {"--validation", "--held-out"},
    {"--wd", "--weight-decay"},
    {"--width", "--n-embd"},
    {"--workers", "--threads"},
});

// Levenshtein's distance: how many characters to insert, delete or replace.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "--num-steps" of "--num-steps N, which counts batches".
std::string_view name_in(std::string_view meaning) { return meaning.substr(0, meaning.find_first_of(" ,")); }

std::optional<std::string> synonym_of(std::string_view word, const std::vector<std::string>& names) {
  const auto found = std::find_if(kSynonyms.begin(), kSynonyms.end(), [&](const Synonym& entry) { return entry.word == word; });
  if (found == kSynonyms.end() || !contains(names, name_in(found->meaning))) return std::nullopt;
  return std::string(found->meaning);
}

// The only name that begins so.
std::optional<std::string> completion_of(std::string_view word, const std::vector<std::string>& names) {
  const auto begins_so = [&](const std::string& name) { return name.starts_with(word); };
  if (std::count_if(names.begin(), names.end(), begins_so) != 1) return std::nullopt;
  return *std::find_if(names.begin(), names.end(), begins_so);
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& names) {
  const auto distance = [&](const std::string& name) { return edit_distance(word, name); };
  const auto best =
      std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  if (best == names.end() || distance(*best) > std::max<std::size_t>(2, word.size() / 3)) return std::nullopt;
  return *best;
}

}  // namespace

std::optional<std::string> suggest(std::string_view word, const std::vector<std::string>& names) {
  if (auto synonym = synonym_of(word, names)) return synonym;
  if (auto completion = completion_of(word, names)) return completion;
  return nearest(word, names);
}

}  // namespace microgpt
