// SPDX-License-Identifier: MIT
#include "io/new_folder.h"

#include <cerrno>
#include <system_error>

#include "io/atomic_file.h"
#include "io/file.h"

namespace microgpt {

namespace fs = std::filesystem;

NewFolder::NewFolder(const std::string& folder) {
  try {
    create(folder);
  } catch (...) {
    remove_created();
    throw;
  }
}

NewFolder::~NewFolder() { remove_created(); }

void NewFolder::create(const fs::path& folder) {
  std::error_code reason;
  if (fs::is_directory(folder, reason)) return;
  if (fs::exists(folder, reason)) fail_to("create the folder", folder.string(), ENOTDIR);
  const fs::path above = folder.has_filename() ? folder.parent_path() : folder.parent_path().parent_path();
  if (!above.empty()) create(above);
  if (fs::create_directory(folder, reason)) {
    created_.push_back(folder);
    sync_folder(above.empty() ? "." : above.string());
  }
  if (reason) fail_to("create the folder", folder.string(), reason.value());
}

void NewFolder::remove_created() {
  std::error_code ignored;
  for (; !created_.empty(); created_.pop_back()) fs::remove(created_.back(), ignored);
}

}  // namespace microgpt
