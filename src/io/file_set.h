// SPDX-License-Identifier: MIT
// The files of a folder by their names, or files in memory that stand for such a folder.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace microgpt {

class FileSet {
 public:
  using InMemory = std::map<std::string, std::string, std::less<>>;

  // Whoever reads a model has a folder as a rule.
  FileSet(std::string folder) : folder_(std::move(folder)) {}

  // `name` stands for the folder in messages.
  FileSet(std::string name, InMemory files)
      : folder_(std::move(name)), files_(std::make_shared<const InMemory>(std::move(files))) {}

  const std::string& folder() const { return folder_; }
  bool is_in_memory() const { return files_ != nullptr; }

  // What stands for the file in messages.
  std::string path(std::string_view name) const;

  // Throws Error, where the system does not say.
  bool has(std::string_view name) const;

  // Throws Error: as read_file().
  std::string read(std::string_view name, std::size_t max_size = std::string::npos) const;

 private:
  std::string folder_;
  std::shared_ptr<const InMemory> files_ = {};
};

}  // namespace microgpt
