// SPDX-License-Identifier: MIT
#include "training/setting_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <concepts>
#include <limits>
#include <string_view>

#include "io/file.h"
#include "io/json.h"
#include "model/ranges.h"
#include "training/settings.h"

namespace microgpt {
namespace {

// What an optional setting may have.
template <typename Allowed>
struct OrNothing {
  Allowed allowed;
  bool is_none;  // what kNone says
};

template <typename Allowed>
OrNothing<Allowed> or_nothing(Allowed allowed, std::string_view unset) {
  return {allowed, unset == kNone};
}

// A setting whose name says the opposite of its value.
struct Negated {
  bool& value;
};

// Those that runs of version 0.1.0 do not have; their usual values are what was done then.
constexpr std::array<std::string_view, 5> kLaterSettings{"invalid", "ngram_share", "ngram_documents", "optimizer", "average"};

// Those that later ones do not have: what it said is now always so.
constexpr std::array<std::string_view, 1> kFormerSettings{"mix_ngram"};

template <typename Visitor>
void visit(RunSettings& settings, Visitor& visitor) {
  visit_corpus_settings(settings.format, visitor);
  visit_settings(settings.options, visitor);
}

// Calls take(name, value) with a reference to each setting's value, and what describes those that it may have.
template <typename Take>
class ForEach {
 public:
  explicit ForEach(Take take) : take_(take) {}

  void integer(const char* name, std::unsigned_integral auto& value, Range range, SettingHelp) { take_(name, value, range); }
  void integer(const char* name, std::optional<std::size_t>& value, Range range, SettingHelp, const char* unset) {
    take_(name, value, or_nothing(range, unset));
  }
  void real(const char* name, double& value, RealRange range, SettingHelp) { take_(name, value, range); }
  void real(const char* name, std::optional<double>& value, RealRange range, SettingHelp, const char* unset) {
    take_(name, value, or_nothing(range, unset));
  }
  void inverse_flag(const char* name, bool& value, SettingHelp) {
    Negated negated{value};
    take_(name, negated, nullptr);
  }
  template <typename Value, typename Entries>
  void choice(const char* name, Value& value, const Entries& entries, SettingHelp) {
    take_(name, value, entries);
  }

 private:
  Take take_;
};

SettingValue to_json(std::unsigned_integral auto value, Range) { return std::uint64_t{value}; }
SettingValue to_json(double value, RealRange) { return value; }
SettingValue to_json(const Negated& negated, std::nullptr_t) { return !negated.value; }

template <typename Value, typename Allowed>
SettingValue to_json(const std::optional<Value>& value, const OrNothing<Allowed>& allowed) {
  return value ? to_json(*value, allowed.allowed) : SettingValue();
}

template <typename Value, typename Entries>
SettingValue to_json(Value value, const Entries& entries) {
  return std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.value == value; })->name;
}

// What is expected where the value is none of those allowed.
using Expected = std::optional<std::string>;

template <std::unsigned_integral Number>
Expected assign(const SettingValue& from, Number& to, Range range) {
  range.max = std::min<std::uint64_t>(range.max, std::numeric_limits<Number>::max());
  if (!from.is_whole() || from.whole() < range.min || from.whole() > range.max) return describe(range);
  to = static_cast<Number>(from.whole());
  return std::nullopt;
}

Expected assign(const SettingValue& from, double& to, RealRange range) {
  if (!from.is_number() || !range.contains(from.number())) return describe(range);
  to = from.number();
  return std::nullopt;
}

Expected assign(const SettingValue& from, Negated& to, std::nullptr_t) {
  if (!from.is_boolean()) return "true or false";
  to.value = !from.boolean();
  return std::nullopt;
}

template <typename Value, typename Allowed>
Expected assign(const SettingValue& from, std::optional<Value>& to, const OrNothing<Allowed>& allowed) {
  if (from.is_null() || (allowed.is_none && from == kNone)) {
    to.reset();
    return std::nullopt;
  }
  Value value{};
  Expected expected = assign(from, value, allowed.allowed);
  if (expected) return fmt::format("{} or {}", *expected, allowed.is_none ? kNone : "null");
  to = value;
  return std::nullopt;
}

template <typename Value, typename Entries>
Expected assign(const SettingValue& from, Value& to, const Entries& entries) {
  for (const auto& entry : entries) {
    if (!from.is_text() || from.text() != entry.name) continue;
    to = entry.value;
    return std::nullopt;
  }
  return list_names(entries);
}

}  // namespace

std::vector<std::string> setting_names() {
  std::vector<std::string> names;
  RunSettings settings;
  ForEach all([&](const char* name, auto&, const auto&) { names.emplace_back(name); });
  visit(settings, all);
  return names;
}

std::vector<std::string> corpus_setting_names() {
  std::vector<std::string> names;
  CorpusFormat format;
  visit_corpus_settings(format, ForEach([&](const char* name, auto&, const auto&) { names.emplace_back(name); }));
  return names;
}

SettingValue setting_value(const RunSettings& settings, const std::string& name) {
  SettingValue found;
  RunSettings copy = settings;
  ForEach all([&](const char* each, auto& value, const auto& allowed) {
    if (each == name) found = to_json(value, allowed);
  });
  visit(copy, all);
  return found;
}

std::optional<std::string> set_setting(RunSettings& settings, const std::string& name, const SettingValue& value) {
  Expected expected;
  ForEach all([&](const char* each, auto& to, const auto& allowed) {
    if (each == name) expected = assign(value, to, allowed);
  });
  visit(settings, all);
  return expected;
}

Json settings_to_json(const RunSettings& settings) {
  Json object;
  for (const std::string& name : setting_names()) object[name] = setting_value(settings, name);
  return object;
}

RunSettings settings_from_json(const std::string& where, const Json& object) {
  if (!object.is_object()) throw damaged(fmt::format("{}: \"settings\" is no JSON object", where));
  RunSettings settings;
  const std::vector<std::string> names = setting_names();
  for (const std::string& name : names) {
    const auto is_later = std::find(kLaterSettings.begin(), kLaterSettings.end(), name) != kLaterSettings.end();
    if (is_later && object.find(name) == nullptr) continue;
    const Json& value = json_field(where, object, name);
    if (const auto expected = set_setting(settings, name, value))
      throw damaged(fmt::format("{}: {} is {}, where {} is expected", where, quote(name), brief(value), *expected));
  }
  for (const auto& [key, ignored] : object.fields())
    if (std::find(names.begin(), names.end(), key) == names.end() &&
        std::find(kFormerSettings.begin(), kFormerSettings.end(), key) == kFormerSettings.end())
      throw damaged(fmt::format("{} has the unknown field {}", where, quote(key)));
  return settings;
}

std::string setting_text(const RunSettings& settings, const std::string& name) {
  const SettingValue value = setting_value(settings, name);
  RunSettings any;
  if (value.is_null()) return set_setting(any, name, kNone) ? "null" : kNone;
  if (value.is_text()) return value.text();
  return value.is_real() ? fmt::format("{}", value.number()) : dump(value);
}

}  // namespace microgpt
