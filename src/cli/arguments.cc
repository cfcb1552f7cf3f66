// SPDX-License-Identifier: MIT
#include "cli/arguments.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "cli/terminal.h"
#include "training/settings.h"

namespace microgpt {
namespace {

// The long name of a flag that may also have a short one: "--output" of "-o,--output".
std::string long_name(const std::string& flag) { return flag.substr(flag.rfind(',') + 1); }

double parse_real(const std::string& flag, const std::string& text, RealRange range, const std::string& expected) {
  const auto number = parse_number<double>(text);
  if (!number || !range.contains(*number)) throw UsageError(fmt::format("{} {}: {} is expected", flag, text, expected));
  return *number;
}

}  // namespace

Flag& add_integer(Command& command, const std::string& flag, Range range, const std::function<void(std::size_t)>& set,
                  const std::string& help) {
  const auto parse = [name = long_name(flag), range, set](const std::string& text) {
    const auto number = parse_number<std::size_t>(text);
    if (!number || *number < range.min || *number > range.max)
      throw UsageError(fmt::format("{} {}: {} is expected", name, text, describe(range)));
    set(*number);
  };
  return command.add_text(flag, "N", parse, help);
}

Flag& add_real(Command& command, const std::string& flag, RealRange range, const std::function<void(double)>& set,
               const std::string& help) {
  const auto parse = [=](const std::string& text) { set(parse_real(flag, text, range, describe(range))); };
  return command.add_text(flag, "X", parse, help);
}

Flag& add_integer(Command& command, const std::string& flag, Range range, std::size_t& value, const std::string& meaning) {
  return add_integer(command, flag, range, into(value), with_default(meaning, value));
}

Flag& add_real(Command& command, const std::string& flag, RealRange range, double& value, const std::string& meaning) {
  return add_real(command, flag, range, into(value), with_default(meaning, value));
}

Flag& add_real_or_none(Command& command, const std::string& flag, RealRange range, std::optional<double>& value,
                       const std::string& meaning) {
  const auto parse = [=, &value](const std::string& text) {
    value.reset();
    if (text != kNone) value = parse_real(flag, text, range, fmt::format("{} or {}", describe(range), kNone));
  };
  return command.add_text(flag, "X", parse, value ? with_default(meaning, *value) : with_default(meaning, kNone));
}

std::string flag_of(std::string setting) {
  std::replace(setting.begin(), setting.end(), '_', '-');
  return "--" + setting;
}

std::string with_flags(std::string message) {
  for (const std::string field : {"n_layer", "n_embd", "n_head", "block_size", "held_out", "teacher_part", "ngram_share",
                                  "ngram_documents", "patience"}) {
    const std::string flag = flag_of(field);
    for (std::size_t at = message.find(field); at != std::string::npos; at = message.find(field, at + flag.size()))
      message.replace(at, field.size(), flag);
  }
  return message;
}

Target target_from_environment() {
  const char* name = std::getenv("MICROGPT_TARGET");
  if (name == nullptr || std::string_view(name).empty()) return best_target();
  if (const auto target = find_target(name)) return *target;
  throw UsageError(
      fmt::format("MICROGPT_TARGET={}: not an instruction set of this machine; it has {}", name, available_target_names()));
}

void inform_of_slow_machine() {
  if (best_target() == Target::scalar)
    inform("this machine has no AVX2, AVX-512 or NEON; plain C++ computes the same bits, many times more slowly");
}

}  // namespace microgpt
