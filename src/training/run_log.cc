// SPDX-License-Identifier: MIT
#include "training/run_log.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "io/atomic_file.h"
#include "io/file.h"
#include "io/json.h"

namespace microgpt {
namespace {

std::optional<double> optional_field(const Json& object, const char* key) {
  return json_field("", object, key).is_null() ? std::nullopt : std::optional(number_field("", object, key));
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
  return dump(Json::object({{"step", entry.step},
                            {"train_loss", entry.training_loss},
                            {"val_loss", entry.validation_loss},
                            {"learning_rate", entry.learning_rate},
                            {"gradient_norm", entry.gradient_norm},
                            {"tokens_per_second", entry.tokens_per_second},
                            {"seconds", entry.seconds}})) +
         "\n";
}

std::optional<LogEntry> parse_log_line(std::string_view line) {
  try {
    const Json object = parse_json("", line);
    return LogEntry{integer_field("", object, "step"),       optional_field(object, "train_loss"),
                    optional_field(object, "val_loss"),      number_field("", object, "learning_rate"),
                    optional_field(object, "gradient_norm"), number_field("", object, "tokens_per_second"),
                    number_field("", object, "seconds")};
  } catch (const Error&) {
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
