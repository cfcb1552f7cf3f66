// SPDX-License-Identifier: MIT
// How odd documents are that a model has not learned: the excess (DocumentLoss::excess) of each document of a run's test, in
// groups of like length. They say what share of regular documents is at least as odd as another one: its p-value.
//
// A p-value is (1 + how many of the group's are at least as odd) / (1 + how many there are). Of documents like those of the
// test it is, to chance, uniform: at most a share of a of them has one of a or less, whatever the model. Ties count as odder,
// which errs on the safe side. Source: conformal prediction, by groups that the document itself names (Vovk, Gammerman and
// Shafer 2005, "Algorithmic Learning in a Random World", chapters 2 and 4.5).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scoring/evaluation.h"

namespace microgpt {

class HeldOutExcess {
 public:
  // Documents of up to so many positions that are longer than those of the group before; the last group has all longer ones,
  // too.
  struct Group {
    std::size_t longest = 0;
    std::vector<double> excess;  // ascending
  };

  // As few documents as a group has, if there are as many: the least p-value is 1/(1 + this).
  static constexpr std::size_t kGroupSize = 100;

  // No more documents are kept, evenly chosen among all.
  static constexpr std::size_t kMaxDocuments = 4096;

  // Takes the losses of documents, which say what was expected. REQUIRES: there is one.
  explicit HeldOutExcess(const std::vector<DocumentLoss>& documents);

  // REQUIRES: there is a group; each has a document.
  explicit HeldOutExcess(std::vector<Group> groups) : groups_(std::move(groups)) {}

  const std::vector<Group>& groups() const { return groups_; }

  // REQUIRES: the loss says what was expected.
  double p_value(const DocumentLoss& loss) const;

  // Ranks documents: the greater, the odder. By their p-values, and where these are equal by their excess.
  double rank(const DocumentLoss& loss) const;

 private:
  const Group& group_of(const DocumentLoss& loss) const;

  std::vector<Group> groups_;
};

// The text of held_out.json, and what it says. Throws Error: `text` is damaged; `file` stands for it in error messages.
std::string held_out_to_json(const HeldOutExcess& excess);
HeldOutExcess held_out_from_json(const std::string& file, std::string_view text);

}  // namespace microgpt
