// SPDX-License-Identifier: MIT
// How surprising documents are that a model has not learned: the surprise (DocumentLoss::surprise) of each document of a run's
// test. They say how odd another document is for its length, and its p-value: what share of documents like them is as odd.
//
// Long documents and short ones have unlike surprises. So a document's oddness is by how many standard deviations its surprise
// is above the mean of the documents that are nearest in length, less what the surprise grows with the cube root of the length,
// as that of alike positions does. The p-value is (1 + how many of all are at least as odd, each among the others) / (1 + how
// many there are). Of documents like those of the test it is uniform, to chance and as far as these tell mean and deviation,
// whatever the model. Ties count as odder, which errs on the safe side. Sources: conformal prediction (Vovk, Gammerman and
// Shafer 2005, "Algorithmic Learning in a Random World"), with a measure that is normalised by nearest neighbours
// (Papadopoulos, Vovk and Gammerman 2011, "Regression conformal prediction with nearest neighbours", Journal of Artificial
// Intelligence Research 40).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/evaluation.h"

namespace microgpt {

class HeldOutSurprise {
 public:
  struct Document {
    std::size_t positions = 0;
    double surprise = 0.0;  // nats
  };

  // A document is compared with those that are up to d positions longer or shorter, d being the least for which there are so
  // many, or all.
  static constexpr std::size_t kLikeDocuments = 100;

  // No more documents are kept, evenly chosen among all.
  static constexpr std::size_t kMaxDocuments = 4096;

  // Whether the documents that are asked for are other ones, or these: each is then compared with the others, and all are kept.
  enum class Asked { others, these };

  // REQUIRES: there is one.
  explicit HeldOutSurprise(const std::vector<DocumentLoss>& documents, Asked asked = Asked::others);

  // REQUIRES: there is one; all numbers are finite.
  explicit HeldOutSurprise(std::vector<Document> documents, Asked asked = Asked::others);

  // By their length, and those of one length by their surprise.
  const std::vector<Document>& documents() const { return documents_; }

  // That a document can have.
  double least_p_value() const {
    return 1.0 / (static_cast<double>(documents_.size()) + (asked_ == Asked::others ? 1.0 : 0.0));
  }

  // In standard deviations of documents of like length.
  double oddness(const DocumentLoss& loss) const;

  // Falls as the oddness grows.
  double p_value(const DocumentLoss& loss) const;

 private:
  // Sums over documents, from which means, variances and slopes follow.
  struct Sums {
    double count = 0.0, root = 0.0, surprise = 0.0, roots = 0.0, surprises = 0.0, products = 0.0;

    Sums& add(const Sums& other, double sign);
    double slope() const;
  };

  Sums sums_of(const Document& document) const;
  std::size_t begin_of(std::size_t positions) const;
  std::size_t end_of(std::size_t positions) const;
  double deviations(const Document& document, bool is_among_them) const;

  Asked asked_;
  std::vector<Document> documents_;
  Document middle_ = {};         // about which is summed, so that the sums keep their digits
  std::vector<Sums> sums_;       // of the first n documents
  std::vector<double> oddness_;  // of each document among the others, ascending
};

// The text of held_out.json, and what it says. Throws Error: `text` is damaged; `file` stands for it in error messages.
std::string held_out_to_json(const HeldOutSurprise& surprise);
HeldOutSurprise held_out_from_json(const std::string& file, std::string_view text);

}  // namespace microgpt
