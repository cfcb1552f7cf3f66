// SPDX-License-Identifier: MIT
#include "training/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <memory>

#include "io/atomic_file.h"
#include "io/file.h"
#include "io/json.h"
#include "model/saved_model.h"

namespace microgpt {
namespace {

constexpr const char* kFormatKey = "format";
constexpr const char* kStepKey = "step";
constexpr const char* kEvaluatedKey = "evaluated_step";
constexpr const char* kBestStepKey = "best_step";
constexpr const char* kBestLossKey = "best_loss";
constexpr const char* kSinceBestKey = "evaluations_since_best";
constexpr const char* kTeacherStepKey = "teacher_step";

constexpr const char* kAveragePrefix = "average.";

// The parts of a checkpoint: what comes before the names of their tensors, and which numbers they are.
struct CheckpointPart {
  const char* prefix;
  TableNumbers Checkpoint::*numbers;
};
constexpr std::array<CheckpointPart, 6> kParts{{
    {"", &Checkpoint::parameters},
    {"adam.mean.", &Checkpoint::mean},
    {"adam.square.", &Checkpoint::square},
    {kAveragePrefix, &Checkpoint::average},
    {"best.", &Checkpoint::best},
    {"teacher.", &Checkpoint::teacher},
}};

SafetensorsMetadata metadata_of(const Progress& progress) {
  SafetensorsMetadata metadata{{kFormatKey, "pt"}, {kStepKey, std::to_string(progress.step)}};
  if (progress.evaluated_step) metadata[kEvaluatedKey] = std::to_string(*progress.evaluated_step);
  if (progress.best_step) {
    metadata[kBestStepKey] = std::to_string(*progress.best_step);
    metadata[kBestLossKey] = fmt::format("{}", progress.best_loss);  // the shortest that reads back to the same number
    metadata[kSinceBestKey] = std::to_string(progress.evaluations_since_best);
  }
  if (progress.teacher_step) metadata[kTeacherStepKey] = std::to_string(*progress.teacher_step);
  return metadata;
}

// Reads the metadata field by field, and knows at the end whether there was another one.
class MetadataReader {
 public:
  explicit MetadataReader(const Safetensors& file) : file_(file) {}

  bool has(const char* key) const { return file_.metadata().contains(key); }

  template <typename Number>
  Number number(const char* key) {
    const std::string text = this->text(key);
    Number number{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || stop != text.data() + text.size())
      throw damaged(fmt::format("{}: {} is {}, which is no number", file_.name(), key, quote(text)));
    return number;
  }

  std::string text(const char* key) {
    const auto found = file_.metadata().find(key);
    if (found == file_.metadata().end()) throw damaged(fmt::format("{}: the metadata have no {}", file_.name(), key));
    ++read_;
    return found->second;
  }

  void require_no_others() const {
    if (read_ != file_.metadata().size()) throw damaged(fmt::format("{}: the metadata have a field too many", file_.name()));
  }

 private:
  const Safetensors& file_;
  std::size_t read_ = 0;
};

Progress progress_of(const Safetensors& file) {
  MetadataReader reader(file);
  reader.text(kFormatKey);
  Progress progress;
  progress.step = reader.number<std::size_t>(kStepKey);
  if (reader.has(kEvaluatedKey)) progress.evaluated_step = reader.number<std::size_t>(kEvaluatedKey);
  if (reader.has(kBestStepKey)) {
    progress.best_step = reader.number<std::size_t>(kBestStepKey);
    progress.best_loss = reader.number<double>(kBestLossKey);
    progress.evaluations_since_best = reader.number<std::size_t>(kSinceBestKey);
    if (!std::isfinite(progress.best_loss)) throw damaged(fmt::format("{}: {} is not finite", file.name(), kBestLossKey));
  }
  if (reader.has(kTeacherStepKey)) progress.teacher_step = reader.number<std::size_t>(kTeacherStepKey);
  reader.require_no_others();
  const std::size_t evaluated = progress.evaluated_step.value_or(0);
  if (evaluated > progress.step || progress.teacher_step.value_or(0) > progress.step ||
      progress.best_step.value_or(0) > evaluated || progress.best_step.has_value() != progress.evaluated_step.has_value())
    throw damaged(fmt::format("{}: the steps do not go together", file.name()));
  return progress;
}

bool has_average(const Safetensors& file) {
  const auto& tensors = file.tensors();
  return std::any_of(tensors.begin(), tensors.end(),
                     [](const auto& tensor) { return tensor.name.starts_with(kAveragePrefix); });
}

}  // namespace

bool Progress::take_validation(double loss) {
  evaluated_step = step;
  const bool is_best = !best_step || loss < best_loss;
  if (is_best) {
    best_step = step;
    best_loss = loss;
    evaluations_since_best = 0;
  } else {
    ++evaluations_since_best;
  }
  return is_best;
}

void write_checkpoint(const std::string& path, const ParameterTable& table, const Checkpoint& checkpoint) {
  std::vector<TensorToWrite> tensors;
  for (const CheckpointPart& part : kParts) {
    const TableNumbers& numbers = checkpoint.*part.numbers;
    if (!numbers) continue;
    const std::vector<TensorToWrite> part_tensors = tensors_of(table, part.prefix, checkpoint.precision, numbers);
    tensors.insert(tensors.end(), part_tensors.begin(), part_tensors.end());
  }
  AtomicFile file(path);
  write_safetensors(path, tensors, metadata_of(checkpoint.progress), [&](std::string_view bytes) { file.write(bytes); });
  file.commit();
}

Checkpoint read_checkpoint(const std::string& path, const ParameterTable& table) {
  const std::size_t most =
      sizeof(std::uint64_t) + Safetensors::kMaxHeaderSize + kParts.size() * table.parameter_count() * sizeof(double);
  const auto file = std::make_shared<const Safetensors>(Safetensors::parse(path, read_file(path, most)));
  Checkpoint checkpoint;
  checkpoint.progress = progress_of(*file);
  if (file->tensors().empty()) throw damaged(fmt::format("{}: it has no tensors", path));
  checkpoint.precision = file->tensors().front().precision;
  std::size_t parts = 0;
  for (const CheckpointPart& part : kParts) {
    if (part.numbers == &Checkpoint::best && !checkpoint.progress.best_step) continue;
    if (part.numbers == &Checkpoint::teacher && !checkpoint.progress.teacher_step) continue;
    if (part.numbers == &Checkpoint::average && !has_average(*file)) continue;
    const TableNumbers numbers = numbers_of(*file, table, part.prefix);
    for_each_tensor(table, numbers, [](std::size_t, std::span<const double>) {});  // are all of them finite?
    checkpoint.*part.numbers = [file, numbers](std::size_t tensor, std::span<double> to) { numbers(tensor, to); };
    ++parts;
  }
  if (file->tensors().size() != parts * table.tensors().size())
    throw damaged(fmt::format("{}: it has tensors that no checkpoint of this model has", path));
  return checkpoint;
}

}  // namespace microgpt
