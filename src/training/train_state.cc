#include "training/train_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <type_traits>

#include "io/damaged.h"
#include "io/json.h"
#include "training/settings.h"

namespace microgpt {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

class SettingsWriter {
 public:
  explicit SettingsWriter(ordered_json& to) : to_(to) {}

  void integer(const char* name, std::size_t& value, Range, const char*) { to_[name] = value; }
  void real(const char* name, double& value, RealRange, const char*) { to_[name] = value; }
  void flag(const char* name, bool& value, const char*) { to_[name] = value; }

  void integer(const char* name, std::optional<std::size_t>& value, Range, const char*) { optional(name, value); }
  void real(const char* name, std::optional<double>& value, RealRange, const char*) { optional(name, value); }

  template <typename Value, typename Entries>
  void choice(const char* name, Value& value, const Entries& entries, const char*) {
    const auto has_it = [&](const auto& entry) { return entry.value == value; };
    to_[name] = std::find_if(entries.begin(), entries.end(), has_it)->name;
  }

 private:
  template <typename Number>
  void optional(const char* name, const std::optional<Number>& value) {
    to_[name] = value ? ordered_json(*value) : ordered_json();
  }

  ordered_json& to_;
};

class SettingsReader {
 public:
  SettingsReader(const std::string& file, const json& from) : file_(file), from_(from) {}

  void integer(const char* name, std::size_t& value, Range range, const char*) {
    const json& found = field(name);
    value = integer_field(file_, from_, name);
    if (value < range.min || value > range.max) throw out_of_range(name, found);
  }

  void integer(const char* name, std::optional<std::size_t>& value, Range range, const char* meaning) {
    value.reset();
    if (!field(name).is_null()) integer(name, value.emplace(), range, meaning);
  }

  void real(const char* name, double& value, RealRange range, const char*) {
    const json& found = field(name);
    if (!found.is_number()) throw damaged(fmt::format("{}: {} is not a number", file_, quote(name)));
    value = found.get<double>();
    if (!range.contains(value)) throw out_of_range(name, found);
  }

  void real(const char* name, std::optional<double>& value, RealRange range, const char* meaning) {
    value.reset();
    if (!field(name).is_null()) real(name, value.emplace(), range, meaning);
  }

  void flag(const char* name, bool& value, const char*) {
    if (!field(name).is_boolean()) throw damaged(fmt::format("{}: {} is neither true nor false", file_, quote(name)));
    value = field(name).get<bool>();
  }

  template <typename Value, typename Entries>
  void choice(const char* name, Value& value, const Entries& entries, const char*) {
    field(name);
    const std::string text = text_field(file_, from_, name);
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name == text; });
    if (found == entries.end()) throw damaged(fmt::format("{}: {} is {}, which is none", file_, quote(name), quote(text)));
    value = found->value;
  }

  void require_no_others() const {
    for (const auto& [key, ignored] : from_.items())
      if (!read_.contains(key)) throw damaged(fmt::format("{} has the unknown field {}", file_, quote(key)));
  }

 private:
  const json& field(const char* name) {
    read_.insert(name);
    return json_field(file_, from_, name);
  }

  Error out_of_range(const char* name, const json& value) const {
    return damaged(fmt::format("{}: {} is {}, out of its range", file_, quote(name), value.dump()));
  }

  const std::string& file_;
  const json& from_;
  std::set<std::string, std::less<>> read_;
};

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string sha256_field(const std::string& file, const json& value) {
  std::string hash = text_field(file, value, "sha256");
  if (!is_sha256(hash)) throw damaged(fmt::format("{}: {} is no SHA-256", file, quote(hash)));
  return hash;
}

CorpusSource corpus_from_json(const std::string& file, const json& value) {
  require_fields_among(file, value, {"path", "sha256"});
  CorpusSource corpus;
  if (!json_field(file, value, "path").is_null()) corpus.path = text_field(file, value, "path");
  corpus.sha256 = sha256_field(file, value);
  return corpus;
}

std::optional<ModelSource> init_from_json(const std::string& file, const json& value) {
  if (value.is_null()) return std::nullopt;
  require_fields_among(file, value, {"path", "sha256"});
  return ModelSource{text_field(file, value, "path"), sha256_field(file, value)};
}

}  // namespace

std::string train_state_to_json(const TrainState& state) {
  ordered_json corpus{{"path", nullptr}, {"sha256", state.corpus.sha256}};
  if (state.corpus.path) corpus["path"] = *state.corpus.path;
  ordered_json init;
  if (state.init) init = {{"path", state.init->path}, {"sha256", state.init->sha256}};
  ordered_json settings;
  TrainingRunOptions options = state.options;
  CorpusFormat format = state.corpus.format;
  visit_corpus_settings(format, SettingsWriter(settings));
  visit_settings(options, SettingsWriter(settings));
  // A path need not be UTF-8; what is not becomes U+FFFD.
  return ordered_json{{"command_line", state.command_line}, {"corpus", corpus}, {"init", init}, {"settings", settings}}.dump(
             2, ' ', true, ordered_json::error_handler_t::replace) +
         "\n";
}

TrainState train_state_from_json(const std::string& file, std::string_view text) {
  const json value = parse_json(file, text);
  require_fields_among(file, value, {"command_line", "corpus", "init", "settings"});
  TrainState state;
  state.corpus = corpus_from_json(file, json_field(file, value, "corpus"));
  state.command_line = text_field(file, value, "command_line");
  state.init = init_from_json(file, json_field(file, value, "init"));
  const json& settings = json_field(file, value, "settings");
  if (!settings.is_object()) throw damaged(fmt::format("{}: \"settings\" is no JSON object", file));
  SettingsReader reader(file, settings);
  visit_corpus_settings(state.corpus.format, reader);
  visit_settings(state.options, reader);
  reader.require_no_others();
  return state;
}

}  // namespace microgpt
