#include "io/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "io/damaged.h"

namespace microgpt {
namespace {

using nlohmann::json;

// What the parser itself lets pass. It tells what it finds as it finds it, so nothing deep is ever built.
class StructureCheck {
 public:
  StructureCheck(const std::string& where, std::string_view remedy) : where_(where), remedy_(remedy) {}

  void operator()(std::size_t depth, json::parse_event_t event, const json& parsed) {
    if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start) {
      if (depth >= kMaxJsonDepth)
        throw damaged(fmt::format("{} is nested deeper than {} levels", where_, kMaxJsonDepth), remedy_);
      keys_[depth].clear();
    } else if (event == json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_[depth - 1].insert(key).second) throw damaged(fmt::format("{} has {} twice", where_, quote(key)), remedy_);
    }
  }

 private:
  const std::string& where_;
  std::string_view remedy_;
  std::array<std::set<std::string>, kMaxJsonDepth> keys_;  // of the object that is open at each depth
};

}  // namespace

json parse_json(const std::string& where, std::string_view text, std::string_view remedy) {
  StructureCheck check(where, remedy);
  try {
    return json::parse(text.begin(), text.end(), [&](int depth, json::parse_event_t event, const json& parsed) {
      check(static_cast<std::size_t>(depth), event, parsed);
      return true;
    });
  } catch (const json::parse_error& error) {
    const std::string_view before = text.substr(0, error.byte > 0 ? error.byte - 1 : 0);
    throw damaged(fmt::format("{} is not valid JSON (line {}, byte {})", where,
                              1 + std::count(before.begin(), before.end(), '\n'), error.byte),
                  remedy);
  } catch (const json::exception&) {
    throw damaged(fmt::format("{} is not valid JSON (a number is too large)", where), remedy);
  }
}

void require_fields_among(const std::string& where, const json& value, std::initializer_list<std::string_view> known) {
  if (!value.is_object()) throw damaged(fmt::format("{} is no JSON object", where));
  for (const auto& [key, ignored] : value.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw damaged(fmt::format("{} has the unknown field {}", where, quote(key)));
}

const json& json_field(const std::string& where, const json& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end()) throw damaged(fmt::format("{} has no field {}", where, quote(key)));
  return *found;
}

std::string text_field(const std::string& where, const json& object, std::string_view key) {
  const json& value = json_field(where, object, key);
  if (!value.is_string()) throw damaged(fmt::format("{}: {} is not a text", where, quote(key)));
  return value.get<std::string>();
}

std::uint64_t integer_field(const std::string& where, const json& object, std::string_view key) {
  const json& value = json_field(where, object, key);
  if (!value.is_number_unsigned()) throw damaged(fmt::format("{}: {} is not a whole number of 0 or more", where, quote(key)));
  return value.get<std::uint64_t>();
}

std::string brief(const json& value) {
  constexpr std::size_t kLongest = 80;
  std::string text = value.dump(-1, ' ', true);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + (value.is_string() ? "...\"" : "...");
  return text;
}

std::string quote(std::string_view text) { return brief(json(text)); }

}  // namespace microgpt
