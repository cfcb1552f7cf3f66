#include "training/run_log.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "io/append.h"
#include "io/atomic_file.h"
#include "io/file.h"

namespace microgpt {
namespace {

using nlohmann::json;

nlohmann::ordered_json json_of(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

std::optional<double> optional_field(const json& object, const char* key) {
  const json& value = object.at(key);
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

std::vector<LogEntry> read_entries(const std::string& path, std::size_t last_step) {
  std::vector<LogEntry> entries;
  if (!std::filesystem::exists(path)) return entries;
  const std::string text = read_file(path);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const auto entry = parse_log_line(std::string_view(text).substr(begin, end - begin));
    if (entry && entry->step <= last_step) entries.push_back(*entry);
    begin = end + 1;
  }
  return entries;
}

}  // namespace

std::string log_line(const LogEntry& entry) {
  return nlohmann::ordered_json{{"step", entry.step},
                                {"train_loss", json_of(entry.training_loss)},
                                {"val_loss", json_of(entry.validation_loss)},
                                {"learning_rate", entry.learning_rate},
                                {"gradient_norm", json_of(entry.gradient_norm)},
                                {"tokens_per_second", entry.tokens_per_second},
                                {"seconds", entry.seconds}}
             .dump() +
         "\n";
}

std::optional<LogEntry> parse_log_line(std::string_view line) {
  const json object = json::parse(line.begin(), line.end(), nullptr, false);
  if (!object.is_object()) return std::nullopt;
  try {
    return LogEntry{object.at("step").get<std::size_t>(),    optional_field(object, "train_loss"),
                    optional_field(object, "val_loss"),      object.at("learning_rate").get<double>(),
                    optional_field(object, "gradient_norm"), object.at("tokens_per_second").get<double>(),
                    object.at("seconds").get<double>()};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

RunLog::RunLog(std::string path, std::optional<std::size_t> last_step) : path_(std::move(path)) {
  if (last_step) entries_ = read_entries(path_, *last_step);
  AtomicFile file(path_);
  for (const LogEntry& entry : entries_) file.write(log_line(entry));
  file.commit();
}

void RunLog::add(const LogEntry& entry) {
  entries_.push_back(entry);
  if (!path_.empty()) append(path_, log_line(entry), Durability::when_convenient);
}

}  // namespace microgpt
