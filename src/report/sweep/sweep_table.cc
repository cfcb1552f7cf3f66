// SPDX-License-Identifier: MIT
#include "report/sweep/sweep_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "report/evaluation_table.h"
#include "report/text_table.h"

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

using Cells = std::vector<std::string>;

std::string loss_text(double loss) { return fmt::format("{:.4f}", loss); }

Cells without_seed(Cells names) {
  names.erase(std::remove(names.begin(), names.end(), kSeedSetting), names.end());
  return names;
}

TextTable table_with(const std::string& first, const Cells& varying, const Cells& figures) {
  std::vector<TextTable::Column> columns{{first, TextTable::Align::right}};
  for (const std::string& name : varying) columns.push_back({name, TextTable::Align::right});
  for (const std::string& name : figures) columns.push_back({name, TextTable::Align::right});
  return TextTable(std::move(columns));
}

void add_row(TextTable& table, std::string first, const Cells& values, const Cells& figures) {
  Cells cells{std::move(first)};
  cells.insert(cells.end(), values.begin(), values.end());
  cells.insert(cells.end(), figures.begin(), figures.end());
  table.add_row(std::move(cells));
}

std::string compare(double model, double ngram) {
  return fmt::format("{:.4f}, by {:.4f} {} than the n-gram's", model, std::abs(model - ngram),
                     model < ngram ? "lower" : "higher");
}

bool has_diverged(const SweepRow& row) { return row.result.failure.starts_with(kDivergedFailure); }

TextTable table_of_rows(const SweepReport& report, bool with_sizes) {
  const auto figures = [with_sizes](Cells sizes, const Cells& losses) {
    if (!with_sizes) sizes.clear();
    sizes.insert(sizes.end(), losses.begin(), losses.end());
    return sizes;
  };
  TextTable table = table_with("#", report.varying, figures({"parameters", "steps"}, {"validation", "test"}));
  for (const SweepRow& row : report.rows) {
    const auto& losses = row.result.losses;
    add_row(table, fmt::format("{}", row.number), row.values,
            figures({fmt::format("{}", row.result.parameters), fmt::format("{}", row.result.steps)},
                    {losses              ? loss_text(losses->validation.token_mean)
                     : has_diverged(row) ? "diverged"
                                         : "failed",
                     losses ? loss_text(losses->test.token_mean) : ""}));
  }
  for (const SweepBaseline& row : report.baselines)
    add_row(table, name_of_ngram(row.baseline.order), row.values,
            figures({"", ""},
                    {loss_text(row.baseline.losses.validation.token_mean), loss_text(row.baseline.losses.test.token_mean)}));
  return table;
}

std::string describe_failures(const SweepReport& report) {
  std::string text;
  for (const SweepRow& row : report.rows)
    if (!row.result.losses)
      text += fmt::format("configuration {} {}{}\n", row.number, has_diverged(row) ? "" : "failed: ", row.result.failure);
  return text;
}

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

std::string sweep_table(const SweepReport& report, std::size_t max_columns) {
  const TextTable whole = table_of_rows(report, true);
  const TextTable& table = whole.width("") <= max_columns ? whole : table_of_rows(report, false);
  return table.str("") + describe_failures(report);
}

std::string seed_table(const SweepReport& report) {
  const std::vector<SeedMean> means = seed_means(report);
  if (means.empty()) return "";
  TextTable table = table_with("seeds", without_seed(report.varying), {"validation", "±", "test", "n-gram's test"});
  for (const SeedMean& mean : means) {
    const std::string seeds =
        mean.runs == mean.seeds ? fmt::format("{}", mean.seeds) : fmt::format("{} of {}", mean.runs, mean.seeds);
    const bool any = mean.runs > 0;
    add_row(table, seeds, mean.values,
            {any ? loss_text(mean.validation) : "failed", mean.runs > 1 ? loss_text(mean.deviation) : "",
             any ? loss_text(mean.test) : "", loss_text(mean.ngram_test)});
  }
  return table.str("");
}

std::string describe_choice(const SweepReport& report) {
  const SweepRow* const chosen = chosen_row(report);
  if (chosen == nullptr) return "";
  const std::vector<SeedMean> means = seed_means(report);
  if (means.empty())
    return fmt::format("Validation chooses configuration {}. Its loss on the test is {}.\n", chosen->number,
                       compare(chosen->result.losses->test.token_mean, chosen->result.baseline.losses.test.token_mean));
  const SeedMean& mean = means.front();
  const Cells names = without_seed(report.varying);
  std::string settings;
  for (std::size_t i = 0; i < names.size(); ++i)
    settings += fmt::format("{}{} {}", i == 0 ? "" : ", ", names[i], mean.values[i]);
  const std::string comparison = compare(mean.test, mean.ngram_test);
  return settings.empty()
             ? fmt::format("Over the seeds the loss on the test is {}.\n", comparison)
             : fmt::format("Over the seeds validation chooses {}.\nIts loss on the test is {}.\n", settings, comparison);
}

}  // namespace microgpt
