// SPDX-License-Identifier: MIT
#include "report/score_records.h"

#include <algorithm>

namespace microgpt {
namespace {

constexpr std::string_view kBits = "bits", kBitsPerCharacter = "bits_per_character", kBitsPerToken = "bits_per_token",
                           kCharacterBits = "character_bits";

}  // namespace

double bits_per(Per per, const DocumentLoss& loss) {
  switch (per) {
    case Per::token:
      return nats_to_bits(loss.token_mean());
    case Per::character:
      return bits_per_character(loss.token_mean(), loss.positions, loss.characters);
    case Per::document:
      break;
  }
  return nats_to_bits(loss.nats);
}

ScoreRecords::ScoreRecords(RecordFormat format, Per per, bool with_character_bits)
    : records_(format), per_(per), with_character_bits_(with_character_bits) {}

std::string ScoreRecords::header() const {
  std::vector<std::string_view> names{kBits, kBitsPerCharacter};
  if (per_ == Per::token) names.push_back(kBitsPerToken);
  if (with_character_bits_) names.push_back(kCharacterBits);
  std::string out;
  records_.header(out, names);
  return out;
}

void ScoreRecords::record(std::string& out, std::string_view text, const DocumentLoss& loss,
                          std::span<const double> position_nats) const {
  records_.begin_text(out);
  records_.text(out, text);
  rest(out, loss, position_nats);
}

void ScoreRecords::rest(std::string& out, const DocumentLoss& loss, std::span<const double> position_nats) const {
  records_.end_text(out);
  records_.number(out, kBits, bits_per(Per::document, loss));
  records_.number(out, kBitsPerCharacter, bits_per(Per::character, loss));
  if (per_ == Per::token) records_.number(out, kBitsPerToken, bits_per(Per::token, loss));
  if (with_character_bits_) {
    std::vector<double> bits(position_nats.begin(), position_nats.end());
    std::transform(bits.begin(), bits.end(), bits.begin(), nats_to_bits);
    records_.numbers(out, kCharacterBits, bits);
  }
  records_.end(out);
}

}  // namespace microgpt
