// SPDX-License-Identifier: MIT
#include "report/classification_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>

#include "inference/calibration.h"
#include "inference/class_figures.h"
#include "io/json.h"
#include "report/numbers.h"
#include "report/text_table.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxClassesInConfusion = 12;  // classes
constexpr std::size_t kMaxClassesInTable = 40;
constexpr std::array<std::size_t, 3> kReportedTop{2, 3, 5};

std::string percent_of(double rate) { return fmt::format("{}%", fmt::format("{:g}", 100.0 * rate)); }

std::string share(double value) { return fmt::format("{:.4f}", value); }

std::string share_or_dash(const std::optional<double>& value) { return value ? share(*value) : "-"; }

// A share of documents.
struct Fraction {
  std::size_t found;
  std::size_t all;

  double value() const { return static_cast<double>(found) / static_cast<double>(all); }
  Interval interval() const { return wilson_interval(found, all); }
};

std::optional<double> value_of(const std::optional<Fraction>& part) {
  return part ? std::optional(part->value()) : std::nullopt;
}

// The figures of a result that are shares; nothing where there is nothing to take the share of.
std::optional<Fraction> accuracy_of(const ClassifierResult& result) {
  const Confusion counts = result.roc.at(result.threshold);
  return Fraction{counts.true_positives + counts.true_negatives, result.roc.positives() + result.roc.negatives()};
}

std::optional<Fraction> precision_of(const ClassifierResult& result) {
  const Confusion counts = result.roc.at(result.threshold);
  const std::size_t said = counts.true_positives + counts.false_positives;
  return said == 0 ? std::nullopt : std::optional(Fraction{counts.true_positives, said});
}

std::optional<Fraction> recall_of(const ClassifierResult& result) {
  return Fraction{result.roc.at(result.threshold).true_positives, result.roc.positives()};
}

std::optional<Fraction> recall_at(const ClassifierResult& result, double rate) {
  if (!can_resolve(rate, result.roc.negatives())) return std::nullopt;
  return Fraction{result.roc.at(result.roc.threshold_at(rate)).true_positives, result.roc.positives()};
}

// The rows of figures, and a column for each result.
template <typename Result>
class FiguresTable {
 public:
  explicit FiguresTable(const std::vector<Result>& results) : results_(results), table_(columns()) {}

  void add_share(const std::string& name, const std::function<std::optional<Fraction>(const Result&)>& part_of) {
    const std::optional<Fraction> first = part_of(results_.front());
    add(name, first ? fmt::format("{:.3f} to {:.3f}", first->interval().low, first->interval().high) : "",
        [&](const Result& result) { return share_or_dash(value_of(part_of(result))); });
  }

  void add_number(const std::string& name, const std::function<std::optional<double>(const Result&)>& number_of) {
    add(name, "", [&](const Result& result) { return share_or_dash(number_of(result)); });
  }

  std::string str() const { return table_.str(""); }

 private:
  std::vector<TextTable::Column> columns() const {
    std::vector<TextTable::Column> columns{{"", TextTable::Align::left}};
    for (const Result& result : results_) {
      columns.push_back({result.by.name, TextTable::Align::right});
      if (columns.size() == 2) columns.push_back({"95% interval", TextTable::Align::left});
    }
    return columns;
  }

  void add(const std::string& name, const std::string& interval, const std::function<std::string(const Result&)>& cell_of) {
    std::vector<std::string> cells{name};
    for (const Result& result : results_) {
      cells.push_back(cell_of(result));
      if (cells.size() == 2) cells.push_back(interval);
    }
    table_.add_row(std::move(cells));
  }

  const std::vector<Result>& results_;
  TextTable table_;
};

std::string figures_of_pair(const std::vector<ClassifierResult>& results) {
  using Result = ClassifierResult;
  FiguresTable<Result> table(results);
  table.add_share("accuracy", accuracy_of);
  table.add_share("precision", precision_of);
  table.add_share("recall", recall_of);
  table.add_number("F1", [](const Result& r) { return r.roc.at(r.threshold).f1(); });
  table.add_number("ROC AUC", [](const Result& r) { return r.roc.area(); });
  for (const double rate : kReportedRates)
    table.add_share(fmt::format("recall at {} false positives", percent_of(rate)),
                    [&](const Result& r) { return recall_at(r, rate); });
  if (std::any_of(results.begin(), results.end(), [](const Result& r) { return r.probabilities.has_value(); })) {
    const auto figure = [](auto field) {
      return [field](const Result& r) { return r.probabilities ? std::optional((*r.probabilities).*field) : std::nullopt; };
    };
    table.add_number("calibration error", figure(&ProbabilityFigures::calibration_error));
    table.add_number("log loss, nats", figure(&ProbabilityFigures::log_loss));
  }
  return table.str();
}

std::string confusion(const ClassifierResult& result) {
  TextTable table({{result.by.name, TextTable::Align::left},
                   {"said positive", TextTable::Align::right},
                   {"said negative", TextTable::Align::right}});
  const Confusion counts = result.roc.at(result.threshold);
  table.add_row({fmt::format("{} positive", result.roc.positives()), fmt::format("{}", counts.true_positives),
                 fmt::format("{}", counts.false_negatives)});
  table.add_row({fmt::format("{} negative", result.roc.negatives()), fmt::format("{}", counts.false_positives),
                 fmt::format("{}", counts.true_negatives)});
  return table.str("");
}

Json interval_of(const std::optional<Fraction>& part) {
  if (!part) return {};
  return Json::array({part->interval().low, part->interval().high});
}

Json json_of(const ClassifierResult& result) {
  const Confusion counts = result.roc.at(result.threshold);
  Json recalls, intervals;
  for (const double rate : kReportedRates) {
    recalls[fmt::format("{}", rate)] = value_of(recall_at(result, rate));
    intervals[fmt::format("{}", rate)] = interval_of(recall_at(result, rate));
  }
  const auto& said = result.probabilities;
  return Json::object({{"positives", result.roc.positives()},
                       {"negatives", result.roc.negatives()},
                       {"method", name_of(result.by.method)},
                       {"threshold", json_number(result.threshold)},
                       {"accuracy", counts.accuracy()},
                       {"precision", counts.precision()},
                       {"recall", counts.recall()},
                       {"f1", counts.f1()},
                       {"roc_auc", result.roc.area()},
                       {"recall_at_false_positive_rate", recalls},
                       {"expected_calibration_error", said ? std::optional(said->calibration_error) : std::nullopt},
                       {"log_loss", said ? std::optional(said->log_loss) : std::nullopt},
                       {"intervals", Json::object({{"accuracy", interval_of(accuracy_of(result))},
                                                   {"precision", interval_of(precision_of(result))},
                                                   {"recall", interval_of(recall_of(result))},
                                                   {"recall_at_false_positive_rate", intervals}})},
                       {"true_positives", counts.true_positives},
                       {"false_negatives", counts.false_negatives},
                       {"false_positives", counts.false_positives},
                       {"true_negatives", counts.true_negatives}});
}

// The first result's fields, and the others' in objects.
template <typename Result, typename JsonOf>
std::string json_of_all(const std::vector<Result>& results, JsonOf json_of_one) {
  Json json = json_of_one(results.front());
  for (std::size_t i = 1; i < results.size(); ++i) {
    Json& other = json[name_of(results[i].by.method)];
    other["name"] = results[i].by.name;
    other.append(json_of_one(results[i]));
  }
  return json_text(json);
}

std::string figures_of_classes(const std::vector<ClassesResult>& results) {
  using Result = ClassesResult;
  FiguresTable<Result> table(results);
  const auto right = [](const ClassTally& tally, std::size_t k) { return Fraction{tally.count_among(k), tally.documents()}; };
  table.add_share("accuracy", [&](const Result& r) { return right(r.tally, 1); });
  for (const std::size_t k : kReportedTop)
    if (k < results.front().tally.classes())
      table.add_share(fmt::format("among the likeliest {}", k), [&](const Result& r) { return right(r.tally, k); });
  table.add_number("macro F1", [](const Result& r) { return r.tally.macro_f1(); });
  table.add_number("log loss, nats", [](const Result& r) { return r.tally.log_loss(); });
  table.add_number("calibration error", [](const Result& r) { return r.tally.calibration_error(); });
  return table.str();
}

std::string per_class_table(const std::vector<std::string>& names, const ClassTally& tally) {
  using Align = TextTable::Align;
  TextTable table({{"class", Align::left},
                   {"documents", Align::right},
                   {"precision", Align::right},
                   {"recall", Align::right},
                   {"F1", Align::right}});
  const std::size_t shown = std::min(names.size(), kMaxClassesInTable);
  for (std::size_t c = 0; c < shown; ++c)
    table.add_row({names[c], fmt::format("{}", tally.support(c)), share_or_dash(tally.precision(c)),
                   share_or_dash(tally.recall(c)), share(tally.f1(c))});
  std::string text = table.str("");
  if (shown < names.size()) text += fmt::format("and {} more classes, which --json has\n", names.size() - shown);
  return text;
}

std::string confusion_of_classes(const std::vector<std::string>& names, const ClassesResult& result) {
  std::vector<TextTable::Column> columns{{result.by.name + ", said to be", TextTable::Align::left}};
  for (const std::string& name : names) columns.push_back({name, TextTable::Align::right});
  TextTable table(std::move(columns));
  for (std::size_t c = 0; c < names.size(); ++c) {
    std::vector<std::string> cells{names[c]};
    for (std::size_t said = 0; said < names.size(); ++said) cells.push_back(fmt::format("{}", result.tally.count(c, said)));
    table.add_row(std::move(cells));
  }
  return table.str("");
}

Json json_of_classes(const std::vector<std::string>& names, const ClassTally& tally) {
  Json top = Json::object(), classes = Json::array(), confusion = Json::array();
  for (const std::size_t k : kReportedTop)
    if (k < tally.classes()) top[fmt::format("{}", k)] = Fraction{tally.count_among(k), tally.documents()}.value();
  for (std::size_t c = 0; c < names.size(); ++c) {
    classes.push_back(Json::object({{"name", names[c]},
                                    {"documents", tally.support(c)},
                                    {"precision", tally.precision(c)},
                                    {"recall", tally.recall(c)},
                                    {"f1", tally.f1(c)}}));
    Json row = Json::array();
    for (std::size_t said = 0; said < names.size(); ++said) row.push_back(tally.count(c, said));
    confusion.push_back(std::move(row));
  }
  return Json::object({{"documents", tally.documents()},
                       {"accuracy", tally.accuracy()},
                       {"macro_f1", tally.macro_f1()},
                       {"log_loss", tally.log_loss()},
                       {"expected_calibration_error", tally.calibration_error()},
                       {"top", std::move(top)},
                       {"classes", std::move(classes)},
                       {"confusion", std::move(confusion)}});
}

}  // namespace

std::string classification_table(const std::vector<ClassifierResult>& results) {
  return figures_of_pair(results) + "\n" + confusion(results.front());
}

std::string classification_json(const std::vector<ClassifierResult>& results) {
  return json_of_all(results, [](const ClassifierResult& result) { return json_of(result); });
}

std::string classes_table(const std::vector<std::string>& names, const std::vector<ClassesResult>& results) {
  std::string text = figures_of_classes(results) + "\n" + per_class_table(names, results.front().tally);
  if (names.size() <= kMaxClassesInConfusion) text += "\n" + confusion_of_classes(names, results.front());
  return text;
}

std::string classes_json(const std::vector<std::string>& names, const std::vector<ClassesResult>& results) {
  return json_of_all(results, [&](const ClassesResult& result) { return json_of_classes(names, result.tally); });
}

}  // namespace microgpt
