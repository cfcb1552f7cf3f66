// SPDX-License-Identifier: MIT
#include "scoring/held_out_surprise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "io/file.h"
#include "io/json.h"

namespace microgpt {
namespace {

using Document = HeldOutSurprise::Document;

constexpr std::string_view kHeldOutFormat = "microgpt held-out surprise";
constexpr std::uint64_t kHeldOutVersion = 1;

bool comes_before(const Document& a, const Document& b) {
  return std::tie(a.positions, a.surprise) < std::tie(b.positions, b.surprise);
}

std::vector<Document> documents_of(const std::vector<DocumentLoss>& losses) {
  std::vector<Document> documents;
  documents.reserve(losses.size());
  for (const DocumentLoss& loss : losses) documents.push_back({loss.positions, loss.surprise()});
  return documents;
}

double root_of_length(const Document& document) { return std::cbrt(static_cast<double>(document.positions)); }

}  // namespace

HeldOutSurprise::HeldOutSurprise(const std::vector<DocumentLoss>& documents, Asked asked)
    : HeldOutSurprise(documents_of(documents), asked) {}

HeldOutSurprise::HeldOutSurprise(std::vector<Document> documents, Asked asked) : asked_(asked) {
  const std::size_t count = asked == Asked::these ? documents.size() : std::min(documents.size(), kMaxDocuments);
  for (std::size_t i = 0; i < count; ++i) documents_.push_back(documents[i * documents.size() / count]);
  std::sort(documents_.begin(), documents_.end(), comes_before);
  middle_ = documents_[documents_.size() / 2];
  sums_.emplace_back();
  for (const Document& document : documents_) sums_.push_back(Sums(sums_.back()).add(sums_of(document), 1.0));
  for (const Document& document : documents_) oddness_.push_back(deviations(document, true));
  std::sort(oddness_.begin(), oddness_.end());
}

HeldOutSurprise::Sums HeldOutSurprise::sums_of(const Document& document) const {
  const double root = root_of_length(document) - root_of_length(middle_);
  const double surprise = document.surprise - middle_.surprise;
  return {1.0, root, surprise, root * root, surprise * surprise, root * surprise};
}

HeldOutSurprise::Sums& HeldOutSurprise::Sums::add(const Sums& other, double sign) {
  count += sign * other.count;
  root += sign * other.root;
  surprise += sign * other.surprise;
  roots += sign * other.roots;
  surprises += sign * other.surprises;
  products += sign * other.products;
  return *this;
}

// Of the surprise over the root of the length, by least squares; 0 where all have one length.
double HeldOutSurprise::Sums::slope() const {
  const double variance = roots - root * root / count;
  return variance > 1e-9 * count ? (products - root * surprise / count) / variance : 0.0;
}

// How many documents have fewer positions, and how many have no more.
std::size_t HeldOutSurprise::begin_of(std::size_t positions) const {
  const auto has_fewer = [](const Document& document, std::size_t length) { return document.positions < length; };
  return static_cast<std::size_t>(std::lower_bound(documents_.begin(), documents_.end(), positions, has_fewer) -
                                  documents_.begin());
}

std::size_t HeldOutSurprise::end_of(std::size_t positions) const {
  const auto has_more = [](std::size_t length, const Document& document) { return length < document.positions; };
  return static_cast<std::size_t>(std::upper_bound(documents_.begin(), documents_.end(), positions, has_more) -
                                  documents_.begin());
}

// Above the mean of the documents of like length, and of these without one like it where it is one of them.
double HeldOutSurprise::deviations(const Document& document, bool is_among_them) const {
  const std::size_t itself = is_among_them ? 1 : 0;
  const std::size_t enough = std::min(documents_.size(), kLikeDocuments + itself);
  const std::size_t positions = document.positions;
  // Of each side as many as are needed, and then all that are as near as the farthest of these.
  std::size_t begin = begin_of(positions);
  std::size_t end = begin;
  while (end - begin < enough) {
    const std::size_t most = std::numeric_limits<std::size_t>::max();
    const std::size_t below = begin == 0 ? most : positions - documents_[begin - 1].positions;
    const std::size_t above = end == documents_.size() ? most : documents_[end].positions - positions;
    if (below <= above) begin = begin_of(documents_[begin - 1].positions);
    if (above <= below) end = end_of(documents_[end].positions);
  }
  const Sums own = sums_of(document);
  Sums all = sums_.back(), like = Sums(sums_[end]).add(sums_[begin], -1.0);
  if (is_among_them) {
    all.add(own, -1.0);
    like.add(own, -1.0);
  }
  if (like.count < 0.5) return 0.0;
  const double slope = all.slope();
  const double mean = (like.surprise - slope * like.root) / like.count;
  const double square = (like.surprises - 2.0 * slope * like.products + slope * slope * like.roots) / like.count;
  // Where all are alike the deviation is next to nothing, and stays a divisor.
  return (own.surprise - slope * own.root - mean) / std::sqrt(std::max(square - mean * mean, 1e-8));
}

double HeldOutSurprise::oddness(const DocumentLoss& loss) const {
  return deviations({loss.positions, loss.surprise()}, asked_ == Asked::these);
}

double HeldOutSurprise::p_value(const DocumentLoss& loss) const {
  constexpr double kTie = 1e-6;  // less than that apart are documents that are alike
  const auto at_least = oddness_.end() - std::lower_bound(oddness_.begin(), oddness_.end(), oddness(loss) - kTie);
  const double itself = asked_ == Asked::others ? 1.0 : 0.0;
  return std::max(1.0, itself + static_cast<double>(at_least)) / (itself + static_cast<double>(oddness_.size()));
}

std::string held_out_to_json(const HeldOutSurprise& surprise) {
  Json positions = Json::array();
  Json surprises = Json::array();
  for (const Document& document : surprise.documents()) {
    positions.push_back(document.positions);
    surprises.push_back(document.surprise);
  }
  return dump(Json::object({{"format", kHeldOutFormat},
                            {"version", kHeldOutVersion},
                            {"positions", std::move(positions)},
                            {"surprise", std::move(surprises)}})) +
         "\n";
}

HeldOutSurprise held_out_from_json(const std::string& file, std::string_view text) {
  const Json json = parse_json(file, text);
  if (text_field(file, json, "format") != kHeldOutFormat || integer_field(file, json, "version") != kHeldOutVersion)
    throw damaged(fmt::format("{} is not a held-out surprise of version {}", file, kHeldOutVersion));
  require_fields_among(file, json, {"format", "version", "positions", "surprise"});
  const Json& positions = json_field(file, json, "positions");
  const Json& surprises = json_field(file, json, "surprise");
  if (!positions.is_array() || !surprises.is_array() || positions.elements().empty() ||
      positions.elements().size() != surprises.elements().size())
    throw damaged(fmt::format("{}: positions and surprise are no lists of the same length", file));
  std::vector<Document> documents;
  for (std::size_t i = 0; i < positions.elements().size(); ++i) {
    const Json& length = positions.elements()[i];
    const Json& value = surprises.elements()[i];
    if (!length.is_whole() || !value.is_number())
      throw damaged(fmt::format("{}: positions or surprise have what is no number", file));
    documents.push_back({static_cast<std::size_t>(length.whole()), value.number()});
    constexpr std::uint64_t kMaxPositions = std::uint64_t{1} << 50;
    constexpr double kMaxSurprise = 1e9;
    if (length.whole() == 0 || length.whole() > kMaxPositions || !(value.number() >= 0.0 && value.number() <= kMaxSurprise))
      throw damaged(fmt::format("{}: positions or surprise have what is out of range", file));
  }
  return HeldOutSurprise(std::move(documents));
}

}  // namespace microgpt
