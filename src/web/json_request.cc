// SPDX-License-Identifier: MIT
#include "web/json_request.h"

#include <fmt/format.h>

#include "microgpt/error.h"

namespace microgpt::web {
namespace {

ConfigError not_a(const char* name, const char* expected) { return {name, fmt::format("is not {}", expected)}; }

}  // namespace

const Json* JsonRequest::given(const char* name) const {
  const Json* const found = json_.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<std::string> JsonRequest::text(const char* name) const {
  const Json* const found = given(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_text()) throw not_a(name, "a text");
  return found->text();
}

std::optional<std::uint64_t> JsonRequest::whole(const char* name) const {
  const Json* const found = given(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_whole()) throw not_a(name, "a whole number of 0 or more");
  return found->whole();
}

std::optional<double> JsonRequest::number(const char* name) const {
  const Json* const found = given(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_number()) throw not_a(name, "a number");
  return found->number();
}

bool JsonRequest::is_set(const char* name) const {
  const Json* const found = given(name);
  if (found == nullptr) return false;
  if (!found->is_boolean()) throw not_a(name, "true or false");
  return found->boolean();
}

}  // namespace microgpt::web
