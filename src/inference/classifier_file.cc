// SPDX-License-Identifier: MIT
#include "inference/classifier_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <unordered_set>

#include "io/file.h"
#include "io/json.h"
#include "microgpt/error.h"
#include "model/saved_model.h"
#include "text/hashes.h"

namespace microgpt {
namespace {

constexpr std::string_view kClassifierFormat = "microgpt classifier";
constexpr std::string_view kLinearFile = "linear.bin";
constexpr std::string_view kPair = "pair", kClasses = "classes";
constexpr double kMaxWeight = 1e6;  // far more than any that is fitted
constexpr std::uint64_t kMaxDocuments = std::uint64_t{1} << 40;
constexpr std::uint64_t kClassifierVersion = 2;
constexpr std::uint64_t kVersionWithoutLinear = 1;
constexpr std::size_t kMaxBytes = std::size_t{1} << 26;  // more than any such file has
constexpr std::size_t kMaxFolderLength = 200;            // bytes; file systems allow 255

Json predictors_json(const std::array<double, kPredictors>& weights) {
  Json json = Json::object();
  for (const Named<PredictorKind>& predictor : kPredictorNames)
    json[predictor.name] = weights[static_cast<std::size_t>(predictor.value)];
  return json;
}

Json class_json(const ClassOfFile& each, double length_weight, double base) {
  return Json::object({{"name", each.name},
                       {"folder", each.folder},
                       {"documents", each.documents},
                       {"sha256", each.sha256},
                       {"of_length", length_weight},
                       {"base", base},
                       {"lowest", each.lowest}});
}

double finite_field(const std::string& file, const Json& object, std::string_view key) {
  const double number = number_field(file, object, key);
  if (!(std::abs(number) <= kMaxWeight)) throw damaged(fmt::format("{}: {} {} is no weight", file, key, number));
  return number;
}

std::array<double, kPredictors> predictors_in(const std::string& file, const Json& json) {
  require_fields_among(file, json, {"mixture", "gpt", "ngram"});
  std::array<double, kPredictors> weights{};
  for (const Named<PredictorKind>& predictor : kPredictorNames) {
    double& weight = weights[static_cast<std::size_t>(predictor.value)] = finite_field(file, json, predictor.name);
    if (weight < 0.0) throw damaged(fmt::format("{}: the weight {} of {} is below 0", file, weight, predictor.name));
  }
  return weights;
}

std::vector<double> numbers_in(const std::string& file, const Json& json, std::string_view key) {
  const Json& values = json_field(file, json, key);
  if (!values.is_array()) throw damaged(fmt::format("{}: {} is no array", file, key));
  std::vector<double> numbers;
  for (const Json& value : values.elements()) {
    if (!value.is_number()) throw damaged(fmt::format("{}: {} has what is no number", file, key));
    numbers.push_back(value.number());
  }
  return numbers;
}

void require_whole(const std::string& file, const ClassOfFile& each) {
  if (each.documents > kMaxDocuments || (each.documents == 0 && !each.sha256.empty()))
    throw damaged(fmt::format("{}: the class {} has {} documents", file, quote(each.name), each.documents));
  const bool are_finite =
      std::all_of(each.lowest.begin(), each.lowest.end(), [](double ratio) { return std::isfinite(ratio); });
  if (!are_finite || !std::is_sorted(each.lowest.begin(), each.lowest.end()))
    throw damaged(fmt::format("{}: lowest of {} are no ratios that rise", file, quote(each.name)));
}

// A name that the file chooses must not lead elsewhere.
std::string folder_in(const std::string& file, const Json& json) {
  std::string folder = text_field(file, json, "folder");
  if (folder.empty() || folder.front() == '.' || folder.find('/') != std::string::npos)
    throw damaged(fmt::format("{}: {} is no folder beside it", file, quote(folder)));
  return folder;
}

}  // namespace

std::vector<double> ClassifierFile::shares() const {
  const std::size_t all = std::accumulate(classes.begin(), classes.end(), std::size_t{0},
                                          [](std::size_t sum, const ClassOfFile& each) { return sum + each.documents; });
  std::vector<double> shares;
  for (const ClassOfFile& each : classes) shares.push_back(static_cast<double>(each.documents) / static_cast<double>(all));
  return shares;
}

std::string classifier_path(const std::string& folder) { return (std::filesystem::path(folder) / "classifier.json").string(); }

std::string linear_path(const std::string& folder) { return (std::filesystem::path(folder) / kLinearFile).string(); }

std::string folder_of_class(std::string_view name) {
  const auto is_plain = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-' || c == '.' ||
           c == '+' || c >= 0x80;
  };
  const bool is_taken =
      name == "classifier.json" || name == kLinearFile || name == "roc.svg";  // which stand in the same folder
  std::string folder;
  for (const char c : name) {
    const bool is_escaped = folder.empty() && (c == '.' || is_taken);
    if (is_plain(static_cast<unsigned char>(c)) && !is_escaped)
      folder += c;
    else
      folder += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (folder.size() > kMaxFolderLength)
    throw Error(fmt::format("the name of the class {} is too long for a folder; name it in at most {} bytes", quote(name),
                            kMaxFolderLength));
  return folder;
}

std::string classifier_to_json(const ClassifierFile& classifier) {
  Json classes;
  for (std::size_t c = 0; c < classifier.classes.size(); ++c)
    classes.push_back(class_json(classifier.classes[c], classifier.weights.length_weight[c], classifier.weights.base[c]));
  const Json json = Json::object({{"format", kClassifierFormat},
                                  {"version", kClassifierVersion},
                                  {"kind", classifier.is_pair ? kPair : kClasses},
                                  {"fitted_to", classifier.fitted_to},
                                  {"in_all", predictors_json(classifier.weights.in_all)},
                                  {"per_position", predictors_json(classifier.weights.per_position)},
                                  {"linear", classifier.weights.linear},
                                  {"linear_sha256", classifier.linear_sha256},
                                  {"classes", classes}});
  return dump(json, 2) + "\n";
}

ClassifierFile classifier_from_json(const std::string& file, std::string_view text) {
  const Json json = parse_json(file, text);
  require_fields_among(
      file, json, {"format", "version", "kind", "fitted_to", "in_all", "per_position", "linear", "linear_sha256", "classes"});
  const std::uint64_t version = integer_field(file, json, "version");
  if (text_field(file, json, "format") != kClassifierFormat || version < kVersionWithoutLinear || version > kClassifierVersion)
    throw damaged(fmt::format("{} is not a classifier of version {} or {}", file, kVersionWithoutLinear, kClassifierVersion));
  ClassifierFile classifier;
  const std::string kind = text_field(file, json, "kind");
  if (kind != kPair && kind != kClasses) throw damaged(fmt::format("{}: {} is no kind of classifier", file, quote(kind)));
  classifier.is_pair = kind == kPair;
  classifier.fitted_to = integer_field(file, json, "fitted_to");
  classifier.weights.in_all = predictors_in(file, json_field(file, json, "in_all"));
  classifier.weights.per_position = predictors_in(file, json_field(file, json, "per_position"));
  const bool may_have_linear = version > kVersionWithoutLinear;
  for (const std::string_view field : {"linear", "linear_sha256"})
    if (!may_have_linear && json.find(field) != nullptr)
      throw damaged(fmt::format("{} has the field {}, which version {} has not", file, field, version));
  if (may_have_linear) {
    classifier.weights.linear = finite_field(file, json, "linear");
    if (classifier.weights.linear < 0.0)
      throw damaged(fmt::format("{}: the weight {} of linear is below 0", file, classifier.weights.linear));
    classifier.linear_sha256 = text_field(file, json, "linear_sha256");
    if (classifier.weights.linear > 0.0 && classifier.linear_sha256.empty())
      throw damaged(fmt::format("{}: linear has a weight, and no linear model", file));
  }
  const Json& classes = json_field(file, json, "classes");
  if (!classes.is_array() || classes.elements().size() < 2) throw damaged(fmt::format("{} has not two classes or more", file));
  std::unordered_set<std::string> names, folders;
  for (const Json& each : classes.elements()) {
    require_fields_among(file, each, {"name", "folder", "documents", "sha256", "of_length", "base", "lowest"});
    classifier.classes.push_back({text_field(file, each, "name"), folder_in(file, each), integer_field(file, each, "documents"),
                                  text_field(file, each, "sha256"), numbers_in(file, each, "lowest")});
    classifier.weights.length_weight.push_back(finite_field(file, each, "of_length"));
    classifier.weights.base.push_back(finite_field(file, each, "base"));
    if (!names.insert(classifier.classes.back().name).second || !folders.insert(classifier.classes.back().folder).second)
      throw damaged(fmt::format("{} has the class {} twice", file, quote(classifier.classes.back().name)));
    require_whole(file, classifier.classes.back());
  }
  if (classifier.is_pair && classifier.classes.size() != 2) throw damaged(fmt::format("{} is no pair of two classes", file));
  return classifier;
}

bool holds_classifier(const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(classifier_path(folder), ignored);
}

ClassifierFile load_classifier(const std::string& folder) {
  const std::string path = classifier_path(folder);
  try {
    return classifier_from_json(path, read_file(path, kMaxBytes));
  } catch (const Damaged& error) {
    throw Error(error.problem() + "; restore it from a copy, or train the classifier again with --overwrite");
  }
}

const ClassOfFile* find_other_model(const ClassifierFile& classifier, std::span<const std::string> folders) {
  for (std::size_t c = 0; c < folders.size(); ++c)
    if (classifier.classes[c].sha256 != sha256(read_file(parameters_path(folders[c])))) return &classifier.classes[c];
  return nullptr;
}

std::shared_ptr<const LinearModel> load_linear_model(const ClassifierFile& classifier, const std::string& folder,
                                                     std::size_t vocab_size) {
  if (classifier.linear_sha256.empty()) return nullptr;
  const std::string path = linear_path(folder);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    throw Error(
        fmt::format("{} is not there, and the classifier weighs it: restore it from a copy, or fit it anew with "
                    "microgpt {} --resume {}",
                    path, command_of(classifier), folder));
  const std::string bytes = read_file(path);
  if (sha256(bytes) != classifier.linear_sha256)
    throw Error(
        fmt::format("{}: it is not the linear model that the classifier was fitted to: fit it anew with microgpt {} "
                    "--resume {}",
                    path, command_of(classifier), folder));
  try {
    return std::make_shared<const LinearModel>(LinearModel::from_bytes(path, bytes, classifier.classes.size(), vocab_size));
  } catch (const Damaged& error) {
    throw Error(error.problem() + "; restore it from a copy, or train the classifier again with --overwrite");
  }
}

ClassifierFile load_complete_classifier(const std::string& folder) {
  ClassifierFile classifier = load_classifier(folder);
  std::vector<std::string> folders;
  for (const ClassOfFile& each : classifier.classes) {
    if (each.sha256.empty())
      throw Error(fmt::format("the classifier in {0} is not finished: go on with it by microgpt {1} --resume {0}", folder,
                              command_of(classifier)));
    folders.push_back(path_in(folder, each.folder));
  }
  if (const ClassOfFile* other = find_other_model(classifier, folders))
    throw Error(
        fmt::format("{}: the model of {} is not the one that the classifier was fitted to: fit it anew with microgpt {} "
                    "--resume {}",
                    folder, quote(other->name), command_of(classifier), folder));
  return classifier;
}

}  // namespace microgpt
