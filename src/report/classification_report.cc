// SPDX-License-Identifier: MIT
#include "report/classification_report.h"

#include <fmt/format.h>

#include "report/json_text.h"
#include "report/text_table.h"

namespace microgpt {
namespace {

std::string percent_of(double rate) { return fmt::format("{}%", fmt::format("{:g}", 100.0 * rate)); }

template <typename Figure>
void add_row(TextTable& table, const std::string& name, const std::vector<ClassifierResult>& results, Figure figure) {
  std::vector<std::string> cells{name};
  for (const ClassifierResult& result : results) cells.push_back(figure(result));
  table.add_row(std::move(cells));
}

std::string share(double value) { return fmt::format("{:.4f}", value); }

TextTable table_of(const std::string& title, const std::vector<ClassifierResult>& results) {
  std::vector<TextTable::Column> columns{{title, TextTable::Align::left}};
  for (const ClassifierResult& result : results) columns.push_back({result.name, TextTable::Align::right});
  return TextTable(std::move(columns));
}

std::string figures(const std::vector<ClassifierResult>& results) {
  TextTable table = table_of("", results);
  const auto add = [&](const std::string& name, auto figure) { add_row(table, name, results, figure); };
  const auto at = [](const ClassifierResult& r) { return r.roc.at(r.threshold); };
  add("accuracy", [&](const auto& r) { return share(at(r).accuracy()); });
  add("precision", [&](const auto& r) {
    const auto precision = at(r).precision();
    return precision ? share(*precision) : std::string("-");
  });
  add("recall", [&](const auto& r) { return share(at(r).recall()); });
  add("F1", [&](const auto& r) { return share(at(r).f1()); });
  add("ROC AUC", [&](const auto& r) { return share(r.roc.area()); });
  for (const double rate : kReportedRates)
    add(fmt::format("recall at {} false positives", percent_of(rate)),
        [&](const auto& r) { return share(r.roc.recall_at(rate)); });
  return table.str("");
}

std::string confusion(const ClassifierResult& result) {
  TextTable table({{result.name, TextTable::Align::left},
                   {"said positive", TextTable::Align::right},
                   {"said negative", TextTable::Align::right}});
  const Confusion counts = result.roc.at(result.threshold);
  table.add_row({fmt::format("{} positive", result.roc.positives()), fmt::format("{}", counts.true_positives),
                 fmt::format("{}", counts.false_negatives)});
  table.add_row({fmt::format("{} negative", result.roc.negatives()), fmt::format("{}", counts.false_positives),
                 fmt::format("{}", counts.true_negatives)});
  return table.str("");
}

Json json_of(const ClassifierResult& result) {
  const Confusion counts = result.roc.at(result.threshold);
  const auto precision = counts.precision();
  Json recalls;
  for (const double rate : kReportedRates) recalls[fmt::format("{}", rate)] = result.roc.recall_at(rate);
  return Json::object({{"positives", result.roc.positives()},
                       {"negatives", result.roc.negatives()},
                       {"threshold", json_number(result.threshold)},
                       {"accuracy", counts.accuracy()},
                       {"precision", precision},
                       {"recall", counts.recall()},
                       {"f1", counts.f1()},
                       {"roc_auc", result.roc.area()},
                       {"recall_at_false_positive_rate", recalls},
                       {"true_positives", counts.true_positives},
                       {"false_negatives", counts.false_negatives},
                       {"false_positives", counts.false_positives},
                       {"true_negatives", counts.true_negatives}});
}

}  // namespace

std::string classification_table(const std::vector<ClassifierResult>& results) {
  std::string text = figures(results);
  for (const ClassifierResult& result : results) text += "\n" + confusion(result);
  return text;
}

std::string classification_json(const std::vector<ClassifierResult>& results) {
  Json json = json_of(results.front());
  if (results.size() > 1) {
    Json& ngram = json["ngram"];
    ngram["name"] = results[1].name;
    ngram.append(json_of(results[1]));
  }
  return json_text(json);
}

}  // namespace microgpt
