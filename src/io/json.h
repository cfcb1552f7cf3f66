// SPDX-License-Identifier: MIT
// JSON: a value, its text, and reading it where it may be damaged or hostile.
//
// json.cc alone knows the library that parses and prints it, as whoever includes that waits for seconds.
// `where` is the subject of the error messages: a file, or a part of one, such as "m/config.json". All errors are damaged().
// Threads: as those of the standard library's containers.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "io/file.h"

namespace microgpt {

// A template, as it holds what it is a part of.
template <typename Value>
struct JsonField {
  std::string name;
  Value value;

  friend bool operator==(const JsonField&, const JsonField&) = default;
};

// Null, true or false, a number, a text, an array, or an object, whose fields keep their order.
class Json {
 public:
  using Field = JsonField<Json>;
  using Array = std::vector<Json>;

  // A type of its own: a variant of nothing but standard types always has a value, says libstdc++, and so it destroys what is
  // not there where a copy finds no memory.
  struct Object : std::vector<Field> {
    using std::vector<Field>::vector;
  };

  Json() = default;  // null
  Json(std::nullptr_t) {}
  Json(std::integral auto value) : value_(integer_value(value)) {}
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  template <typename T>
  Json(const std::vector<T>& values) : value_(Array(values.begin(), values.end())) {}
  template <typename T>
  Json(const std::optional<T>& value) : Json(value ? Json(*value) : Json()) {}

  static Json object(std::initializer_list<Field> fields = {});
  static Json object_of(Object fields);
  static Json array(std::initializer_list<Json> elements = {}) { return Array(elements); }

  bool is_null() const { return holds<std::nullptr_t>(); }
  bool is_boolean() const { return holds<bool>(); }
  bool is_whole() const { return holds<std::uint64_t>(); }  // a number of 0 or more without a point
  bool is_real() const { return holds<double>(); }          // one with a point or an exponent
  bool is_number() const { return is_whole() || is_real() || holds<std::int64_t>(); }
  bool is_text() const { return holds<std::string>(); }
  bool is_array() const { return holds<Array>(); }
  bool is_object() const { return holds<Object>(); }

  // REQUIRES: it is of that kind.
  bool boolean() const { return get<bool>(); }
  std::uint64_t whole() const { return get<std::uint64_t>(); }
  double number() const;
  const std::string& text() const { return get<std::string>(); }
  const Array& elements() const { return get<Array>(); }
  const Object& fields() const { return get<Object>(); }

  // The field of that name; null where there is none, or where this is no object.
  const Json* find(std::string_view key) const;

  // Sets a field. What was null becomes an object. REQUIRES: it is null or an object.
  Json& operator[](std::string_view key);

  // Appends the fields of another object. REQUIRES: they have other names.
  void append(const Json& object);

  // Appends an element. What was null becomes an array. REQUIRES: it is null or an array.
  void push_back(Json element);

  // Numbers are equal by their value, whether they are whole or not.
  friend bool operator==(const Json& a, const Json& b);

 private:
  using Value = std::variant<std::nullptr_t, bool, std::uint64_t, std::int64_t, double, std::string, Array, Object>;

  static Value integer_value(bool value) { return value; }
  static Value integer_value(std::unsigned_integral auto value) { return std::uint64_t{value}; }
  static Value integer_value(std::signed_integral auto value) {
    return value < 0 ? Value(std::int64_t{value}) : Value(static_cast<std::uint64_t>(value));
  }
  template <typename T>
  bool holds() const {
    return std::holds_alternative<T>(value_);
  }
  template <typename T>
  const T& get() const {
    return *std::get_if<T>(&value_);
  }

  friend struct JsonAccess;
  Value value_ = nullptr;
};

enum class JsonCharacters { utf8, ascii };

// On one line, or where `indent` is given with a field a line, by so many spaces. What is not UTF-8 in a text becomes U+FFFD.
std::string dump(const Json& value, std::optional<int> indent = std::nullopt,
                 JsonCharacters characters = JsonCharacters::ascii);

// As a file has it: with a field a line, and in ASCII, so that no editor or transfer composes or decomposes a character on the
// way.
std::string file_text(const Json& value);

inline constexpr std::size_t kMaxJsonDepth = 8;

// Throws Error: no JSON, or more than one value; a key twice in an object; nested deeper than kMaxJsonDepth; no text in UTF-8
// by its first bytes (text/foreign_format.h), which is said without the remedy. `remedy` is for files that a user writes, and
// no run of the program. Memory: in proportion to the text, some twenty times as much for the worst of texts.
Json parse_json(const std::string& where, std::string_view text, std::string_view remedy = kRestore);

// The fields that are not among `known`, in their order. Throws Error: the value is no object.
std::vector<std::string> fields_not_among(const std::string& where, const Json& value,
                                          std::initializer_list<std::string_view> known);

// Throws Error: the value is no object, or has such a field.
void require_fields_among(const std::string& where, const Json& value, std::initializer_list<std::string_view> known);

// A field of an object. Throws Error: there is none, or it is no text, no number, or no whole number from 0 to 2^64 - 1.
const Json& json_field(std::string_view where, const Json& object, std::string_view key);
std::string text_field(const std::string& where, const Json& object, std::string_view key);
double number_field(const std::string& where, const Json& object, std::string_view key);
std::uint64_t integer_field(const std::string& where, const Json& object, std::string_view key);

// A value from such a file for an error message: in ASCII, on one line and not too long.
std::string brief(const Json& value);

// The same of a text, which is quoted.
std::string quote(std::string_view text);

}  // namespace microgpt
