// SPDX-License-Identifier: MIT
#include "io/file_set.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>

#include "io/file.h"
#include "microgpt/error.h"

namespace microgpt {

std::string FileSet::path(std::string_view name) const { return path_in(folder_, name); }

bool FileSet::has(std::string_view name) const {
  if (files_ != nullptr) return files_->contains(name);
  std::error_code reason;
  const bool found = std::filesystem::exists(path(name), reason);
  if (reason) fail_to("read", path(name), reason.value());
  return found;
}

std::string FileSet::read(std::string_view name, std::size_t max_size) const {
  if (files_ == nullptr) return read_file(path(name), max_size);
  const auto found = files_->find(name);
  if (found == files_->end()) fail_to("read", path(name), ENOENT);
  if (found->second.size() > max_size)
    throw Error(fmt::format("{} has {} bytes, where such a file has at most {}", path(name), found->second.size(), max_size));
  return found->second;
}

}  // namespace microgpt
