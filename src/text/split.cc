#include "text/split.h"

#include <fmt/format.h>

#include <array>
#include <unordered_set>

#include "microgpt/error.h"
#include "text/siphash.h"

namespace microgpt {
namespace {

// Written so that NaN is refused, too.
void require_share(double held_out) {
  if (!(held_out >= 0.0 && held_out < 0.5))
    throw ConfigError("held_out", fmt::format("{} is out of range: it must be at least 0 and less than 0.5", held_out));
}

void require_documents(const Corpus& corpus, const Split& split, double held_out) {
  struct NamedPart {
    std::string_view name;
    const std::vector<std::size_t>& documents;
  };
  for (const auto& [name, documents] :
       std::array<NamedPart, 3>{{{"training", split.training}, {"validation", split.validation}, {"test", split.test}}})
    if (documents.empty())
      throw Error(
          fmt::format("{}: none of its {} documents falls to {} when a share of {} is held out; hold nothing out with "
                      "--held-out 0",
                      corpus.name(), corpus.size(), name, held_out));
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

}  // namespace microgpt
