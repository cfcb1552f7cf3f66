// SPDX-License-Identifier: MIT
// The automaton of a regular expression over the characters of a vocabulary.
//
// RE2 has one, and shows it to nobody. So its syntax is read here as far as is needed to find the parts: groups, alternatives,
// repetitions, and where a literal or a class begins and ends. What these match is RE2's to say: each is asked for each
// character. The automaton accepts what Pattern::matches() does.
// Sources: Thompson 1968; Rabin and Scott 1959 (the subset construction).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "microgpt/corpus.h"
#include "text/automaton.h"

namespace microgpt {

// `characters` are the symbols, each one in the encoding. Nothing where the automaton would be too large, or the expression
// depends on what stands beside a place within the text (\b, \B, ^ and $ of lines) or on single bytes of UTF-8 (\C).
// REQUIRES: the expression is one that Pattern takes.
std::optional<Automaton> automaton_of_pattern(const std::string& pattern, Encoding encoding,
                                              std::span<const std::string> characters);

}  // namespace microgpt
