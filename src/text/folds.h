// SPDX-License-Identifier: MIT
// Documents divided into folds by their content, so that near-copies of one are in its fold.
//
// Near-copies are documents of one form: their words, of letters and digits of ASCII and all other characters, in lower case,
// one with a digit in it being "0", and without what is between them. Lines of a log that differ in their times and numbers
// are near-copies. A form that many documents have is no oddity, and without all of them a model could not know what is
// regular: of such a form each different document is on its own, and where one itself is as common its copies are dealt out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/pattern.h"

namespace microgpt {

// The form of a document, in its encoding.
std::string form_of(std::string_view document);

// The fold of each document, from 0 below `count`: a function of their contents and of the seed. Folds have as many documents
// each as their forms allow. A form is common where more than 3 documents, and more than one in 20 `count`, have it. With
// `group`, which may be null, what it finds in a document takes the place of its form, and is never common. Throws Error that
// says how many different documents there are: fewer than folds. What is neither ASCII nor a space is of a word.
std::vector<std::size_t> fold_of_documents(std::span<const std::string_view> documents, std::size_t count, std::uint64_t seed,
                                           const Pattern* group = nullptr);

}  // namespace microgpt
