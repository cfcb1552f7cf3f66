// SPDX-License-Identifier: MIT
// Reading the command line: numbers with their ranges, and what to say when something in it is wrong.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli/command_line.h"
#include "microgpt/config.h"
#include "model/ranges.h"
#include "parallel/thread_team.h"
#include "simd/target.h"
#include "text/names.h"

namespace microgpt {

inline constexpr Range kSampleCount{0, 1'000'000'000};
inline constexpr Range kThreads{0, ThreadTeam::kMaxThreads};

// The number that the whole text is, or nothing: no spaces, no sign +, no hexadecimal.
template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

// Adds a flag that takes a whole number in `range`. `set` gets it. Anything else throws UsageError with the range.
Flag& add_integer(Command& command, const std::string& flag, Range range, const std::function<void(std::size_t)>& set,
                  const std::string& help);

// The same for a number in `range`.
Flag& add_real(Command& command, const std::string& flag, RealRange range, const std::function<void(double)>& set,
               const std::string& help);

// The help of a flag: what it means, and in brackets what holds without it.
template <typename Value>
std::string with_default(const std::string& meaning, const Value& value) {
  return fmt::format("{} [{}]", meaning, value);
}

// The same two where `value`, which must outlive the parsing, gets the number, and has the default, which the help says.
Flag& add_integer(Command& command, const std::string& flag, Range range, std::size_t& value, const std::string& meaning);
Flag& add_real(Command& command, const std::string& flag, RealRange range, double& value, const std::string& meaning);

// The same where the word "none" is a value, too: that there is nothing.
Flag& add_real_or_none(Command& command, const std::string& flag, RealRange range, std::optional<double>& value,
                       const std::string& meaning);

// Adds a flag that takes a name of the table `entries`, which must outlive the parsing; `set` gets what it stands for.
// Anything else throws UsageError with the names.
template <typename Entries, typename Set>
Flag& add_choice_function(Command& command, const std::string& flag, const Entries& entries, Set set, const std::string& help,
                          const std::string& default_text = "") {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.emplace_back(entry.name);
  const auto parse = [flag, &entries, set, names](const std::string& text) {
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) throw UsageError(flag + " " + text + ": " + list_alternatives(names) + " is expected");
    set(entries[static_cast<std::size_t>(found - names.begin())].value);
  };
  return command.add_text(flag, "NAME", parse, help + ": " + list_alternatives(names) + default_text);
}

// The same where `value`, which must outlive the parsing, too, gets what the name stands for. `value` is what it is without the
// flag.
// Anything else throws UsageError with the names.
template <typename Entries, typename Value>
Flag& add_choice(Command& command, const std::string& flag, const Entries& entries, Value& value, const std::string& help) {
  const auto set = [&value](Value chosen) { value = chosen; };
  return add_choice_function(command, flag, entries, set, help, fmt::format(" [{}]", name_in(entries, value)));
}

// "--n-embd" for "n_embd".
std::string flag_of(std::string setting);

// A message of the library as the user of a command line reads it: "n_embd" becomes "--n-embd", and so on.
std::string with_flags(std::string message);

// The instruction set that MICROGPT_TARGET names, or the best where it is not set or empty.
// Throws UsageError: a name that is unknown, or of an instruction set that this machine does not have.
Target target_from_environment();

// Says that this machine has none of the instruction sets that make it fast, if that is so.
void inform_of_slow_machine();

}  // namespace microgpt
