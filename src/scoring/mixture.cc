// SPDX-License-Identifier: MIT
#include "scoring/mixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/panels.h"
#include "io/file.h"
#include "io/json.h"
#include "simd/aligned_buffer.h"

namespace microgpt {
namespace {

constexpr std::string_view kFormat = "microgpt mixture";
constexpr std::uint64_t kVersion = 3, kVersionWithoutSeen = 2;
constexpr double kMaxTerm = 1000.0;  // far more than any that is fitted
constexpr double kDefaultGptExponent = 0.45, kDefaultNgramExponent = 0.6;
constexpr std::size_t kDefaultVocabulary = 256;

Json to_json(const ExponentTerms& terms) {
  return Json::object({{"base", terms.base}, {"of_evidence", terms.evidence_weight}, {"of_lengths", terms.length_weights}});
}

double term_of(const std::string& file, double number) {
  if (!(std::abs(number) <= kMaxTerm)) throw damaged(fmt::format("{}: {} is no term of an exponent", file, number));
  return number;
}

// A list of a term for each length.
std::vector<double> terms_of_lengths(const std::string& file, const Json& object, const char* name, std::size_t order) {
  const Json& numbers = json_field(file, object, name);
  if (!numbers.is_array() || numbers.elements().size() != order - 1)
    throw damaged(fmt::format("{}: {} has not {} numbers, as an n-gram of order {} needs", file, name, order - 1, order));
  std::vector<double> terms;
  for (const Json& term : numbers.elements()) {
    if (!term.is_number()) throw damaged(fmt::format("{}: {} has what is no number", file, name));
    terms.push_back(term_of(file, term.number()));
  }
  return terms;
}

Json seen_to_json(const std::vector<SeenTerms>& seen) {
  const auto all = [&](double SeenTerms::*term) {
    std::vector<double> numbers;
    for (const SeenTerms& terms : seen) numbers.push_back(terms.*term);
    return numbers;
  };
  return Json::object({{"base", all(&SeenTerms::base)},
                       {"of_evidence", all(&SeenTerms::evidence_weight)},
                       {"of_count", all(&SeenTerms::count_weight)}});
}

std::vector<SeenTerms> seen_from_json(const std::string& file, const Json& value, std::size_t order) {
  require_fields_among(file, value, {"base", "of_evidence", "of_count"});
  std::vector<SeenTerms> seen(order - 1);
  const auto take = [&](const char* name, double SeenTerms::*term) {
    const std::vector<double> numbers = terms_of_lengths(file, value, name, order);
    for (std::size_t i = 0; i < seen.size(); ++i) seen[i].*term = numbers[i];
  };
  take("base", &SeenTerms::base);
  take("of_evidence", &SeenTerms::evidence_weight);
  take("of_count", &SeenTerms::count_weight);
  return seen;
}

ExponentTerms from_json(const std::string& file, const Json& value, std::size_t order) {
  require_fields_among(file, value, {"base", "of_evidence", "of_lengths"});
  return {term_of(file, number_field(file, value, "base")), term_of(file, number_field(file, value, "of_evidence")),
          terms_of_lengths(file, value, "of_lengths", order)};
}

// Space for a vocabulary in whole vectors; the rest is 1. Small ones, which are usual, take no memory from the system.
class Numbers {
 public:
  explicit Numbers(std::size_t vocab_size) : size_(fast::round_up_to_vector(vocab_size)) {
    if (size_ > small_.size()) large_ = AlignedBuffer<float>(size_);
    std::fill(span().begin() + static_cast<std::ptrdiff_t>(vocab_size), span().end(), 1.0F);
  }

  std::span<float> span() { return large_.size() > 0 ? large_.span() : std::span(small_).first(size_); }

 private:
  std::size_t size_;
  alignas(64) std::array<float, kDefaultVocabulary> small_;
  AlignedBuffer<float> large_;
};

// Normal, as the kernel wants them. In blocks of a known size, which compilers make into vectors.
void round_to_normal(std::span<const double> exact, std::span<float> rounded) {
  constexpr std::size_t kBlock = 8;
  const auto round = [](double p) { return std::max(static_cast<float>(p), std::numeric_limits<float>::min()); };
  std::size_t i = 0;
  for (; i + kBlock <= exact.size(); i += kBlock)
    for (std::size_t j = i; j < i + kBlock; ++j) rounded[j] = round(exact[j]);
  for (; i < exact.size(); ++i) rounded[i] = round(exact[i]);
}

void take_distribution(const NgramModel& ngram, NgramModel::Context context, std::span<float> probabilities) {
  std::array<double, kDefaultVocabulary> small;
  std::vector<double> large(ngram.vocab_size() > small.size() ? ngram.vocab_size() : 0);
  const std::span<double> exact = large.empty() ? std::span(small).first(ngram.vocab_size()) : std::span(large);
  ngram.distribution(context, exact);
  round_to_normal(exact, probabilities);
}

void mix_into(std::span<float> logits, const NgramModel& ngram, NgramModel::Context context, Mixture::Exponents exponents,
              Target target) {
  Numbers probabilities(ngram.vocab_size()), mixed(ngram.vocab_size());
  take_distribution(ngram, context, probabilities.span());
  std::copy(logits.begin(), logits.end(), mixed.span().begin());
  fast::kernels_for(target).mix({mixed.span(), probabilities.span(), exponents.gpt, exponents.ngram});
  std::copy_n(mixed.span().begin(), logits.size(), logits.begin());
}

}  // namespace

MixtureWeights default_mixture_weights(std::size_t order) {
  const std::vector<double> none(order - 1);
  return {{kDefaultGptExponent, 0.0, none}, {kDefaultNgramExponent, 0.0, none}, {}};
}

std::string mixture_to_json(const MixtureWeights& weights) {
  std::vector<SeenTerms> seen = weights.seen;
  seen.resize(weights.gpt.length_weights.size());
  const Json json = Json::object({{"format", kFormat},
                                  {"version", kVersion},
                                  {"gpt", to_json(weights.gpt)},
                                  {"ngram", to_json(weights.ngram)},
                                  {"seen", seen_to_json(seen)}});
  return dump(json, 2) + "\n";
}

MixtureWeights mixture_from_json(const std::string& file, std::string_view text, std::size_t order) {
  const Json json = parse_json(file, text);
  require_fields_among(file, json, {"format", "version", "gpt", "ngram", "seen"});
  const std::uint64_t version = integer_field(file, json, "version");
  if (version == kVersionWithoutSeen) require_fields_among(file, json, {"format", "version", "gpt", "ngram"});
  if (text_field(file, json, "format") != kFormat || (version != kVersion && version != kVersionWithoutSeen))
    throw damaged(fmt::format("{} is not a mixture of version {} or {}", file, kVersionWithoutSeen, kVersion));
  MixtureWeights weights{from_json(file, json_field(file, json, "gpt"), order),
                         from_json(file, json_field(file, json, "ngram"), order)};
  if (version == kVersion) weights.seen = seen_from_json(file, json_field(file, json, "seen"), order);
  return weights;
}

Mixture::Mixture(const NgramModel& ngram, const MixtureWeights& weights, Target target) : ngram_(ngram), target_(target) {
  assert(weights.gpt.length_weights.size() + 1 == ngram.order() && weights.ngram.length_weights.size() + 1 == ngram.order());
  assert(weights.seen.empty() || weights.seen.size() + 1 == ngram.order());
  const bool gains = std::any_of(weights.seen.begin(), weights.seen.end(), [](const SeenTerms& t) { return t != SeenTerms(); });
  for (std::size_t length = 0; length < ngram.order(); ++length)
    for (std::size_t evidence = 0; evidence < NgramModel::kMaxEvidence; ++evidence) {
      exponents_.push_back(
          {static_cast<float>(weights.gpt.at(length, evidence)), static_cast<float>(weights.ngram.at(length, evidence))});
      if (!gains) continue;
      const SeenTerms terms = length == 0 ? SeenTerms() : weights.seen[length - 1];
      gains_.push_back({static_cast<float>(terms.base + terms.evidence_weight * static_cast<double>(evidence)),
                        static_cast<float>(terms.count_weight)});
    }
}

template <typename Take>
void Mixture::for_each_gain(NgramModel::Context context, const Take& take) const {
  if (gains_.empty()) return;
  for (std::size_t length = ngram_.length(context); length > 0; --length, context = ngram_.shorter(context)) {
    const Gain gain = gains_[length * NgramModel::kMaxEvidence + ngram_.evidence(context)];
    ngram_.for_each_seen(context, [&](Token token, std::uint32_t count) {
      take(token, gain.base + gain.each_time * static_cast<float>(SeenTerms::doublings(count)));
    });
  }
}

void Mixture::mix(NgramModel::Context context, std::span<float> logits) const {
  assert(logits.size() == ngram_.vocab_size());
  mix_into(logits, ngram_, context, exponents(context), target_);
  for_each_gain(context, [&](Token token, float gain) { logits[static_cast<std::size_t>(token)] += gain; });
}

void log_distribution(const NgramModel& ngram, NgramModel::Context context, Target target, std::span<float> logarithms) {
  std::fill(logarithms.begin(), logarithms.end(), 0.0F);
  mix_into(logarithms, ngram, context, {0.0F, 1.0F}, target);
}

}  // namespace microgpt
