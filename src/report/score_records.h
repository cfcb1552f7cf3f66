// SPDX-License-Identifier: MIT
// What `score` says of a line.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/records.h"
#include "scoring/evaluation.h"
#include "text/names.h"

namespace microgpt {

// What a line's bits are divided by, to rank lines of unequal length.
enum class Per {
  token,
  character,
  document,
};

inline constexpr std::array<Named<Per>, 3> kPerNames{{
    {Per::token, "token"},
    {Per::character, "character"},
    {Per::document, "document"},
}};

// Per character it is infinite where there is none.
double bits_per(Per per, const DocumentLoss& loss);

// The fields text, bits, bits_per_character; bits_per_token where lines are ranked by that; and where they are wanted
// character_bits, the bits of each character and, last, of the end.
class ScoreRecords {
 public:
  ScoreRecords(RecordFormat format, Per per, bool with_character_bits);

  std::string header() const;

  // A whole record.
  void record(std::string& out, std::string_view text, const DocumentLoss& loss, std::span<const double> position_nats) const;

  // What of a record comes after the pieces of its text.
  void rest(std::string& out, const DocumentLoss& loss, std::span<const double> position_nats) const;

  const Records& records() const { return records_; }

 private:
  Records records_;
  Per per_;
  bool with_character_bits_;
};

}  // namespace microgpt
