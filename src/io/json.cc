// SPDX-License-Identifier: MIT
#include "io/json.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <nlohmann/json.hpp>
#include <set>

#include "text/foreign_format.h"

namespace microgpt {

// What json.cc and no other sees of a value.
struct JsonAccess {
  static const Json::Value& of(const Json& value) { return value.value_; }
  static Json::Value& of(Json& value) { return value.value_; }
};

namespace {

// Builds a value as the parser finds it, and lets nothing pass that the parser itself would: nothing deep is ever built.
class JsonBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonBuilder(const std::string& where, std::string_view text, std::string_view remedy)
      : where_(where), text_(text), remedy_(remedy) {}

  Json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // not in JSON
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (!names_[open_.size() - 1].insert(name).second) fail(fmt::format("{} has {} twice", where_, quote(name)));
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t byte, const std::string&, const nlohmann::detail::exception& error) override {
    constexpr int kNumberTooLarge = 406;
    if (error.id == kNumberTooLarge) fail(fmt::format("{} is not valid JSON (a number is too large)", where_));
    const std::string_view before = text_.substr(0, byte > 0 ? byte - 1 : 0);
    fail(fmt::format("{} is not valid JSON (line {}, byte {})", where_, 1 + std::count(before.begin(), before.end(), '\n'),
                     byte));
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { throw damaged(problem, remedy_); }

  bool add(Json value) {
    slot() = std::move(value);
    return true;
  }

  bool open(Json value) {
    if (open_.size() >= kMaxJsonDepth) fail(fmt::format("{} is nested deeper than {} levels", where_, kMaxJsonDepth));
    Json& opened = slot();
    opened = std::move(value);
    names_[open_.size()].clear();
    open_.push_back(&opened);
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  // Where the next value belongs. What is open does not move: only what is open last grows.
  Json& slot() {
    if (open_.empty()) return root_;
    Json& parent = *open_.back();
    if (parent.is_object())
      return std::get<Json::Object>(JsonAccess::of(parent)).emplace_back(Json::Field{std::move(key_), Json()}).value;
    return std::get<Json::Array>(JsonAccess::of(parent)).emplace_back();
  }

  const std::string& where_;
  std::string_view text_;
  std::string_view remedy_;
  Json root_;
  std::vector<Json*> open_;
  std::array<std::set<std::string>, kMaxJsonDepth> names_;  // of the fields of what is open at each depth
  std::string key_;
};

// The library prints what has no parts. What has some it would have to hold itself, and its destructor of such values asks for
// memory, and ends the process where there is none.
class JsonPrinter {
 public:
  JsonPrinter(std::optional<int> indent, JsonCharacters characters) : indent_(indent), characters_(characters) {}

  std::string take() { return std::move(text_); }

  void print(const Json& value) {
    if (value.is_array())
      print_parts('[', value.elements(), ']', [this](const Json& element) { print(element); });
    else if (value.is_object())
      print_parts('{', value.fields(), '}', [this](const Json::Field& field) {
        print_scalar(field.name);
        text_ += indent_ ? ": " : ":";
        print(field.value);
      });
    else
      std::visit([this](const auto& scalar) { print_scalar(scalar); }, JsonAccess::of(value));
  }

 private:
  template <typename Parts, typename PrintPart>
  void print_parts(char open, const Parts& parts, char close, const PrintPart& print_part) {
    text_ += open;
    ++depth_;
    for (const auto& part : parts) {
      if (&part != &parts.front()) text_ += ',';
      break_line();
      print_part(part);
    }
    --depth_;
    if (!parts.empty()) break_line();
    text_ += close;
  }

  void break_line() {
    if (indent_) text_.append(1, '\n').append(depth_ * static_cast<std::size_t>(*indent_), ' ');
  }

  template <typename Scalar>
  void print_scalar(const Scalar& scalar) {
    if constexpr (!std::same_as<Scalar, Json::Array> && !std::same_as<Scalar, Json::Object>)
      text_ +=
          nlohmann::json(scalar).dump(-1, ' ', characters_ == JsonCharacters::ascii, nlohmann::json::error_handler_t::replace);
  }

  std::optional<int> indent_;
  JsonCharacters characters_;
  std::string text_;
  std::size_t depth_ = 0;
};

}  // namespace

Json Json::object(std::initializer_list<Field> fields) {
  Json json;
  json.value_ = Object(fields);
  return json;
}

Json Json::object_of(Object fields) {
  Json json;
  json.value_ = std::move(fields);
  return json;
}

double Json::number() const {
  if (is_whole()) return static_cast<double>(whole());
  return is_real() ? get<double>() : static_cast<double>(get<std::int64_t>());
}

const Json* Json::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const auto found = std::find_if(fields().begin(), fields().end(), [&](const Field& field) { return field.name == key; });
  return found == fields().end() ? nullptr : &found->value;
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) value_ = Object();
  Object& object = std::get<Object>(value_);
  const auto found = std::find_if(object.begin(), object.end(), [&](const Field& field) { return field.name == key; });
  return found != object.end() ? found->value : object.emplace_back(Json::Field{std::string(key), Json()}).value;
}

void Json::append(const Json& object) {
  for (const auto& [name, value] : object.fields()) (*this)[name] = value;
}

void Json::push_back(Json element) {
  if (is_null()) value_ = Array();
  std::get<Array>(value_).push_back(std::move(element));
}

bool operator==(const Json& a, const Json& b) {
  const bool are_of_two_kinds = a.value_.index() != b.value_.index();
  return are_of_two_kinds && a.is_number() && b.is_number() ? a.number() == b.number() : a.value_ == b.value_;
}

std::string dump(const Json& value, std::optional<int> indent, JsonCharacters characters) {
  JsonPrinter printer(indent, characters);
  printer.print(value);
  return printer.take();
}

std::string file_text(const Json& value) { return dump(value, 2) + "\n"; }

Json parse_json(const std::string& where, std::string_view text, std::string_view remedy) {
  require_no_foreign_format(where, text);
  JsonBuilder builder(where, text, remedy);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

std::vector<std::string> fields_not_among(const std::string& where, const Json& value,
                                          std::initializer_list<std::string_view> known) {
  if (!value.is_object()) throw damaged(fmt::format("{} is no JSON object", where));
  std::vector<std::string> others;
  for (const auto& [key, ignored] : value.fields())
    if (std::find(known.begin(), known.end(), key) == known.end()) others.push_back(key);
  return others;
}

void require_fields_among(const std::string& where, const Json& value, std::initializer_list<std::string_view> known) {
  if (const auto others = fields_not_among(where, value, known); !others.empty())
    throw damaged(fmt::format("{} has the unknown field {}", where, quote(others.front())));
}

const Json& json_field(std::string_view where, const Json& object, std::string_view key) {
  const Json* const found = object.find(key);
  if (found == nullptr) throw damaged(fmt::format("{} has no field {}", where, quote(key)));
  return *found;
}

std::string text_field(const std::string& where, const Json& object, std::string_view key) {
  const Json& value = json_field(where, object, key);
  if (!value.is_text()) throw damaged(fmt::format("{}: {} is not a text", where, quote(key)));
  return value.text();
}

double number_field(const std::string& where, const Json& object, std::string_view key) {
  const Json& value = json_field(where, object, key);
  if (!value.is_number()) throw damaged(fmt::format("{}: {} is not a number", where, quote(key)));
  return value.number();
}

std::uint64_t integer_field(const std::string& where, const Json& object, std::string_view key) {
  const Json& value = json_field(where, object, key);
  if (!value.is_whole()) throw damaged(fmt::format("{}: {} is not a whole number of 0 or more", where, quote(key)));
  return value.whole();
}

std::string brief(const Json& value) {
  constexpr std::size_t kMaxLength = 80;
  std::string text = dump(value);
  if (text.size() > kMaxLength) text = text.substr(0, kMaxLength) + (value.is_text() ? "...\"" : "...");
  return text;
}

std::string quote(std::string_view text) { return brief(text); }

}  // namespace microgpt
