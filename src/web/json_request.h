// SPDX-License-Identifier: MIT
// The fields of a request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/json.h"

namespace microgpt::web {

class JsonRequest {
 public:
  // Throws Error: it is no JSON.
  explicit JsonRequest(std::string_view text) : json_(parse_json("the request", text)) {}

  // Nothing where the field is missing or null. Throws Error: it is of another kind.
  std::optional<std::string> text(const char* name) const;
  std::optional<std::uint64_t> whole(const char* name) const;
  std::optional<double> number(const char* name) const;
  bool is_set(const char* name) const;

  const Json* field(const char* name) const { return json_.find(name); }

 private:
  const Json* given(const char* name) const;

  Json json_;
};

}  // namespace microgpt::web
