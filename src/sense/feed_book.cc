#include "sense/feed_book.h"

#include <algorithm>

namespace cityloop::sense {

using base::Errc;

base::Result<FeedBook> FeedBook::load(const std::filesystem::path& city, const std::filesystem::path& data) {
  FeedBook out{{}, {data, city}};
  std::vector<std::filesystem::path> files;
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(city / "feeds", absent)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string mistakes;
  const auto mistake = [&](std::string_view text) {
    if (!mistakes.empty()) mistakes += '\n';
    mistakes += text;
  };
  for (const auto& file : files) {
    auto mapping = read_mapping(file);
    if (!mapping) {
      mistake(mapping.error().message);
    } else if (const Mapping* other = out.find((*mapping)->name)) {
      mistake(fmt::format("{}:1: the name '{}' is taken by {}", file.string(), other->name, other->path));
    } else {
      out.mappings.push_back(std::move(*mapping));
    }
  }
  if (!mistakes.empty()) return std::unexpected(base::Error{Errc::invalid, std::move(mistakes)});
  std::sort(out.mappings.begin(), out.mappings.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  return out;
}

std::vector<MappingPtr> FeedBook::of_kind(SourceKind kind) const {
  std::vector<MappingPtr> out;
  for (const MappingPtr& mapping : mappings) {
    if (mapping->kind == kind) out.push_back(mapping);
  }
  return out;
}

const Mapping* FeedBook::find(std::string_view name) const {
  for (const MappingPtr& mapping : mappings) {
    if (mapping->name == name) return mapping.get();
  }
  return nullptr;
}

}  // namespace cityloop::sense
