// SPDX-License-Identifier: MIT
#include "text/foreign_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "microgpt/error.h"

namespace microgpt {
namespace {

using namespace std::string_view_literals;

constexpr char kAny = '?';

constexpr ForeignFormat kGitLfsPointer{"version https://git-lfs.github.com/spec/v1\n"sv,
                                       "a git-lfs pointer, and not the file itself", "git lfs pull fetches that"};

// The longest of those that begin alike comes first.
constexpr std::array kFormats = std::to_array<ForeignFormat>({
    kGitLfsPointer,
    {"\x1F\x8B"sv, "compressed by gzip, and no text", "gunzip -c FILE unpacks it"},
    {"PK\x03\x04"sv, "a zip archive, and no text", "unzip -p FILE unpacks it"},
    {"PK\x05\x06"sv, "an empty zip archive, and no text", "unzip -l FILE lists it"},
    {"\x28\xB5\x2F\xFD"sv, "compressed by zstd, and no text", "zstd -dc FILE unpacks it"},
    {"\xFD"
     "7zXZ\0"sv,
     "compressed by xz, and no text", "xz -dc FILE unpacks it"},
    {"BZh?1AY&SY"sv, "compressed by bzip2, and no text", "bzip2 -dc FILE unpacks it"},
    {"\xFF\xFE\0\0"sv, "UTF-32, and not UTF-8", "iconv -f UTF-32 -t UTF-8 FILE converts it"},
    {"\0\0\xFE\xFF"sv, "UTF-32, and not UTF-8", "iconv -f UTF-32 -t UTF-8 FILE converts it"},
    {"\xFF\xFE"sv, "UTF-16, and not UTF-8", "iconv -f UTF-16 -t UTF-8 FILE converts it"},
    {"\xFE\xFF"sv, "UTF-16, and not UTF-8", "iconv -f UTF-16 -t UTF-8 FILE converts it"},
    {"?\0?\0?\0?\0"sv, "UTF-16, and not UTF-8", "iconv -f UTF-16LE -t UTF-8 FILE converts it"},
    {"\0?\0?\0?\0?"sv, "UTF-16, and not UTF-8", "iconv -f UTF-16BE -t UTF-8 FILE converts it"},
    {"?\0\0\0?\0\0\0?\0\0\0?\0\0\0"sv, "UTF-32, and not UTF-8", "iconv -f UTF-32LE -t UTF-8 FILE converts it"},
    {"\0\0\0?\0\0\0?\0\0\0?\0\0\0?"sv, "UTF-32, and not UTF-8", "iconv -f UTF-32BE -t UTF-8 FILE converts it"},
});

// The end of a line comes not first, lest whoever writes a blank line waits for what it is.
bool is_any(std::string_view text, std::size_t at) {
  return text[at] != '\0' && (at > 0 || (text[at] != '\n' && text[at] != '\r'));
}

// Whether both are the same as far as both go.
bool agrees(std::string_view text, std::string_view beginning) {
  const std::size_t size = std::min(text.size(), beginning.size());
  for (std::size_t at = 0; at < size; ++at)
    if (beginning[at] == kAny ? !is_any(text, at) : text[at] != beginning[at]) return false;
  return true;
}

bool begins_as(std::string_view text, const ForeignFormat& format) {
  return text.size() >= format.beginning.size() && agrees(text, format.beginning);
}

[[noreturn]] void refuse(const std::string& name, const ForeignFormat& format) {
  throw Error(fmt::format("{} is {}; {}", name, format.name, format.remedy));
}

}  // namespace

const ForeignFormat* find_foreign_format(std::string_view text) {
  const auto found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const ForeignFormat& format) { return begins_as(text, format); });
  return found == kFormats.end() ? nullptr : &*found;
}

bool may_be_foreign(std::string_view text) {
  return std::any_of(kFormats.begin(), kFormats.end(), [&](const ForeignFormat& format) {
    return text.size() < format.beginning.size() && agrees(text, format.beginning);
  });
}

void require_no_foreign_format(const std::string& name, std::string_view text) {
  if (const ForeignFormat* format = find_foreign_format(text)) refuse(name, *format);
}

void require_no_git_lfs_pointer(const std::string& name, std::string_view bytes) {
  if (begins_as(bytes, kGitLfsPointer)) refuse(name, kGitLfsPointer);
}

}  // namespace microgpt
