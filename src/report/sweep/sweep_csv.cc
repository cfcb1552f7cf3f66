// SPDX-License-Identifier: MIT
#include "report/sweep/sweep_csv.h"

#include <fmt/format.h>

#include <array>

namespace microgpt {
namespace {

struct Column {
  const char* name;
  std::string (*value)(const SweepResult& result);
};

std::string number(double value) { return fmt::format("{}", value); }
std::string number(std::size_t value) { return fmt::format("{}", value); }

template <typename Value>
std::string loss_cell(const SweepResult& result, Value value) {
  return result.losses ? number(value(*result.losses)) : "";
}

using R = const SweepResult&;
using L = const HeldOutLosses&;

// After the number of the configuration and the settings that vary.
constexpr std::array kCsvColumns{
    Column{"parameters", [](R r) { return number(r.parameters); }},
    Column{"steps", [](R r) { return number(r.steps); }},
    Column{"model_step", [](R r) { return number(r.model_step); }},
    Column{"validation_loss_token_mean", [](R r) { return loss_cell(r, [](L l) { return l.validation.token_mean; }); }},
    Column{"validation_loss_document_mean", [](R r) { return loss_cell(r, [](L l) { return l.validation.document_mean; }); }},
    Column{"test_loss_token_mean", [](R r) { return loss_cell(r, [](L l) { return l.test.token_mean; }); }},
    Column{"test_loss_document_mean", [](R r) { return loss_cell(r, [](L l) { return l.test.document_mean; }); }},
    Column{"ngram_order", [](R r) { return number(r.baseline.order); }},
    Column{"ngram_validation_loss_token_mean", [](R r) { return number(r.baseline.losses.validation.token_mean); }},
    Column{"ngram_test_loss_token_mean", [](R r) { return number(r.baseline.losses.test.token_mean); }},
    Column{"seconds", [](R r) { return number(r.seconds); }},
    Column{"failure", [](R r) { return csv_field(r.failure); }},
};

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string sweep_csv(const SweepReport& report) {
  std::string csv = "configuration";
  for (const std::string& name : report.varying) csv += "," + csv_field(name);
  for (const Column& column : kCsvColumns) csv += fmt::format(",{}", column.name);
  csv += "\n";
  for (const SweepRow& row : report.rows) {
    csv += number(row.number);
    for (const std::string& value : row.values) csv += "," + csv_field(value);
    for (const Column& column : kCsvColumns) csv += "," + column.value(row.result);
    csv += "\n";
  }
  return csv;
}

}  // namespace microgpt
