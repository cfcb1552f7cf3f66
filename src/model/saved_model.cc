// SPDX-License-Identifier: MIT
#include "model/saved_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "io/atomic_file.h"
#include "io/file.h"
#include "io/json.h"
#include "model/model_json.h"
#include "model/tokenizer_json.h"
#include "text/hashes.h"

namespace microgpt {
namespace {

// More than any such file has.
constexpr std::size_t kMaxConfigSize = std::size_t{1} << 16;
constexpr std::size_t kMaxTokenizerSize = std::size_t{1} << 26;

constexpr const char* kParametersFile = "model.safetensors";
constexpr const char* kTokenizerFile = "tokenizer.json";
constexpr const char* kTokenizerConfigFile = "tokenizer_config.json";
constexpr const char* kConfigFile = "config.json";

struct Paths {
  explicit Paths(const std::string& folder)
      : parameters(in(folder, kParametersFile)),
        tokenizer(in(folder, kTokenizerFile)),
        tokenizer_config(in(folder, kTokenizerConfigFile)),
        config(in(folder, kConfigFile)) {}

  std::string parameters;
  std::string tokenizer;
  std::string tokenizer_config;
  std::string config;

 private:
  static std::string in(const std::string& folder, const char* file) { return (std::filesystem::path(folder) / file).string(); }
};

void create_folder(const std::string& folder) {
  std::error_code reason;
  const bool is_new = std::filesystem::create_directories(folder, reason);
  if (reason) fail_to("create the folder", folder, reason.value());
  if (is_new) sync_folder((std::filesystem::path(folder) / "..").string());
}

void write_parameters(const std::string& path, const Config& config, const TableNumbers& parameters, Precision precision,
                      const std::function<void(std::string_view)>& write) {
  const ParameterTable table(config);
  const std::vector<TensorToWrite> tensors = tensors_of(table, "", precision, parameters);
  write_safetensors(path, tensors, {{"format", "pt"}}, write);
}

void write_parameters(const std::string& path, const SavedModel& model, const std::function<void(std::string_view)>& write) {
  write_parameters(path, model.config, numbers_in(ParameterTable(model.config), model.parameters), model.precision, write);
}

void require_complete(const FileSet& files) {
  const std::string& folder = files.folder();
  if (!files.is_in_memory()) {
    std::error_code reason;
    const bool found = std::filesystem::exists(folder, reason);
    if (reason || !found) fail_to("read", folder, reason ? reason.value() : ENOENT);
    require_no_file(folder);
  }
  if (!files.has(kConfigFile))
    throw Error(
        fmt::format("{} is no complete model: it has no config.json, which is written last; name another folder, or train "
                    "the model again",
                    folder));
}

void require_shape(const Safetensors& file, const StoredTensor& stored, const Tensor& tensor) {
  if (stored.rows != tensor.rows || stored.columns != tensor.columns)
    throw damaged(fmt::format("{}: the tensor {} has the shape [{}, {}], and the configuration makes it [{}, {}]", file.name(),
                              stored.name, stored.rows, stored.columns, tensor.rows, tensor.columns));
}

// For each tensor of the table the stored one.
std::vector<const StoredTensor*> matching_tensors(const Safetensors& file, const ParameterTable& table,
                                                  std::string_view prefix) {
  std::vector<const StoredTensor*> matching;
  for (const Tensor& tensor : table.tensors()) {
    const std::string name = std::string(prefix) + tensor.name;
    const StoredTensor* stored = file.find(name);
    if (stored == nullptr) throw damaged(fmt::format("{}: the tensor {} is missing", file.name(), name));
    require_shape(file, *stored, tensor);
    if (stored->precision != file.tensors().front().precision)
      throw damaged(
          fmt::format("{}: the tensor {} is not of the same type as {}", file.name(), name, file.tensors().front().name));
    matching.push_back(stored);
  }
  return matching;
}

void require_no_others(const Safetensors& file, const ParameterTable& table) {
  for (const StoredTensor& stored : file.tensors()) {
    const auto same_name = [&](const Tensor& tensor) { return tensor.name == stored.name; };
    if (std::none_of(table.tensors().begin(), table.tensors().end(), same_name))
      throw damaged(fmt::format("{}: no model of this configuration has a tensor {}", file.name(), quote(stored.name)));
  }
}

}  // namespace

bool holds_model(const std::string& folder) {
  std::error_code reason;
  return std::filesystem::exists(Paths(folder).config, reason);
}

void require_writable_folder(const std::string& folder) {
  create_folder(folder);
  const AtomicFile probe(Paths(folder).config);  // never committed
}

void remove_model(const std::string& folder) {
  remove_file(Paths(folder).config);
  sync_folder(folder);
}

void save_parameters(const std::string& folder, const Config& config, const TableNumbers& parameters, Precision precision) {
  const Paths paths(folder);
  AtomicFile file(paths.parameters);
  write_parameters(paths.parameters, config, parameters, precision, [&](std::string_view bytes) { file.write(bytes); });
  file.commit();
}

void save_model(const std::string& folder, const SavedModel& model, const std::vector<FileBeside>& beside,
                std::span<const char* const> removed) {
  assert(model.tokenizer.vocab_size() == model.config.vocab_size);
  create_folder(folder);
  const Paths paths(folder);
  AtomicFile parameters(paths.parameters);
  AtomicFile tokenizer(paths.tokenizer);
  AtomicFile tokenizer_config(paths.tokenizer_config);
  AtomicFile config(paths.config);
  write_parameters(paths.parameters, model, [&](std::string_view bytes) { parameters.write(bytes); });
  tokenizer.write(tokenizer_to_json(model.tokenizer));
  tokenizer_config.write(tokenizer_config_to_json(model.tokenizer));
  config.write(config_to_json(model.config));
  std::deque<AtomicFile> others;
  for (const FileBeside& each : beside) others.emplace_back(path_in(folder, each.name)).write(each.bytes);
  for (AtomicFile& file : others) file.sync();
  for (AtomicFile* file : {&parameters, &tokenizer, &tokenizer_config, &config}) file->sync();
  remove_model(folder);
  for (const char* file : removed) remove_file(path_in(folder, file));
  for (AtomicFile& file : others) file.commit();
  for (AtomicFile* file : {&parameters, &tokenizer, &tokenizer_config, &config}) file->commit();
}

std::vector<FileBeside> files_of(const SavedModel& model) {
  std::string parameters;
  write_parameters(kParametersFile, model, [&](std::string_view bytes) { parameters += bytes; });
  return {{kParametersFile, std::move(parameters)},
          {kTokenizerFile, tokenizer_to_json(model.tokenizer)},
          {kTokenizerConfigFile, tokenizer_config_to_json(model.tokenizer)},
          {kConfigFile, config_to_json(model.config)}};
}

SavedModel load_model(const FileSet& files, HashParameters hash) {
  const Paths paths(files.folder());
  require_complete(files);
  auto [config, unknown_fields] = config_from_json(paths.config, files.read(kConfigFile, kMaxConfigSize));
  Tokenizer tokenizer = load_tokenizer(files);
  if (tokenizer.vocab_size() != config.vocab_size)
    throw damaged(fmt::format("{} has {} tokens with BOS, and the vocab_size of {} is {}", paths.tokenizer,
                              tokenizer.vocab_size(), paths.config, config.vocab_size));
  const ParameterTable table(config);
  const std::size_t most = sizeof(std::uint64_t) + Safetensors::kMaxHeaderSize + table.parameter_count() * sizeof(double);
  std::string bytes = files.read(kParametersFile, most);
  std::string parameters_sha256 = hash == HashParameters::yes ? sha256(bytes) : "";
  const auto file = Safetensors::parse(paths.parameters, std::move(bytes));
  std::vector<double> parameters = parameters_of(file, table);
  return {config,
          std::move(tokenizer),
          std::move(parameters),
          file.tensors().front().precision,
          std::move(unknown_fields),
          std::move(parameters_sha256)};
}

Tokenizer load_tokenizer(const FileSet& files) {
  return tokenizer_from_json(files.path(kTokenizerFile), files.read(kTokenizerFile, kMaxTokenizerSize));
}

std::string parameters_path(const std::string& folder) { return Paths(folder).parameters; }

std::string config_path(const std::string& folder) { return Paths(folder).config; }

void require_no_file(const std::string& folder) {
  std::error_code reason;
  if (!std::filesystem::exists(folder, reason) || std::filesystem::is_directory(folder, reason)) return;
  const std::string above = std::filesystem::path(folder).parent_path().string();
  throw Error(fmt::format("{} is a file, where a folder is expected; name the one that it is in: {}", folder,
                          above.empty() ? "." : above));
}

std::vector<double> parameters_of(const Safetensors& file, const ParameterTable& table) {
  if (file.tensors().size() != table.tensors().size()) {
    matching_tensors(file, table, "");  // one that is missing is named first
    require_no_others(file, table);
  }
  // All shapes are right before the memory is taken, so the file has as many elements as the table.
  return all_of(table, numbers_of(file, table, ""));
}

TableNumbers numbers_of(const Safetensors& file, const ParameterTable& table, std::string_view prefix) {
  return [&file, stored = matching_tensors(file, table, prefix)](std::size_t tensor, std::span<double> to) {
    file.copy(*stored[tensor], to);
  };
}

std::vector<TensorToWrite> tensors_of(const ParameterTable& table, std::string_view prefix, Precision precision,
                                      const TableNumbers& numbers) {
  std::vector<TensorToWrite> tensors;
  for (std::size_t i = 0; i < table.tensors().size(); ++i) {
    const Tensor& tensor = table.tensors()[i];
    const auto read = [i, numbers](std::span<double> to) { numbers(i, to); };
    tensors.push_back({std::string(prefix) + tensor.name, tensor.rows, tensor.columns, precision, {}, read});
  }
  return tensors;
}

}  // namespace microgpt
