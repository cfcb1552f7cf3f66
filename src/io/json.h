// Reading JSON that may be damaged or hostile.
//
// `where` is the subject of the error messages: a file, or a part of one, such as "m/config.json". All errors are damaged().
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "io/damaged.h"

namespace microgpt {

inline constexpr std::size_t kMaxJsonDepth = 8;

// Throws Error: no JSON, or more than one value; a key twice in an object; nested deeper than kMaxJsonDepth.
// `remedy` is for files that a user writes, and no run of the program.
// Memory: in proportion to the text, some twenty times as much for the worst of texts.
nlohmann::json parse_json(const std::string& where, std::string_view text, std::string_view remedy = kRestore);

// Throws Error: the value is no object, or has a field that is not among `known`.
void require_fields_among(const std::string& where, const nlohmann::json& value, std::initializer_list<std::string_view> known);

// A field of an object. Throws Error: there is none, or it is no text, or no whole number from 0 to 2^64 - 1.
const nlohmann::json& json_field(const std::string& where, const nlohmann::json& object, std::string_view key);
std::string text_field(const std::string& where, const nlohmann::json& object, std::string_view key);
std::uint64_t integer_field(const std::string& where, const nlohmann::json& object, std::string_view key);

// A value from such a file for an error message: in ASCII, on one line and not too long. REQUIRES: valid UTF-8.
std::string brief(const nlohmann::json& value);

// The same of a text, which is quoted.
std::string quote(std::string_view text);

}  // namespace microgpt
