#include "serve/index/index_shelf.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/config.h"
#include "base/file.h"
#include "base/fingerprint.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "index/composite/frame.h"
#include "index/composite/run.h"
#include "index/composite/words.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using flow::operator""_name;

// What stands at the head of a frame of any kind.
void read_head(IndexSource& one) {
  const std::string file = one.id + ".toml";
  auto kind = index::frame_kind(one.frame, file);
  auto config = base::Config::parse(one.frame, file);
  if (!kind || !config) return void(one.mistake = kind ? config.error().message : kind.error().message);
  base::ConfigTable root = config->root();
  one.name = index::read_both(root, "name"), one.about = index::read_both(root, "about");
  one.edition = root.text_or("edition", "");
  one.kind = *kind;
  if (const auto read = index::template_of({file, one.frame}); !read) one.mistake = read.error().message;
}

// By index. A file of notes that cannot be read says so in the place of each.
std::map<std::string, flow::Bilingual> notes_of(const std::string& folder, std::string& mistake) {
  std::map<std::string, flow::Bilingual> out;
  const auto text = base::read_file(folder + "/notes.toml");
  if (!text) return out;
  auto config = base::Config::parse(*text, "notes.toml");
  if (!config) return mistake = config.error().message, out;
  base::ConfigTable root = config->root();
  for (const std::string& id : root.keys()) out[id] = index::read_both(root, id);
  if (const auto sound = config->check(); !sound) mistake = sound.error().message;
  return out;
}

}  // namespace

flow::EntityId IndexSaving::entity_id(std::string_view index, std::uint64_t number) {
  return flow::EntityId(fmt::format("urn:ngsi-ld:IndexSaving:{}:{}", index, number));
}

flow::Write IndexSaving::to_write() const {
  return flow::NounWriter(entity_id(index, number), flow::kIndexSavingType, flow::WriteMode::create)
      .text("index"_name, index)
      .number("number"_name, double(number))
      .text("by"_name, by)
      .time("savedAt"_name, at)
      .text("note"_name, note)
      .text("frame"_name, frame)
      .text("data"_name, data)
      .take();
}

IndexSaving IndexSaving::from(const flow::Entity& entity) {
  return {std::string(entity.text("index"_name)), std::uint64_t(entity.number("number"_name).value_or(0)),
          std::string(entity.text("by"_name)),    flow::time_field(entity, "savedAt"),
          std::string(entity.text("note"_name)),  std::string(entity.text("frame"_name)),
          std::string(entity.text("data"_name))};
}

std::string IndexSource::version() const {
  base::Fingerprint mark;
  mark.add(frame), mark.add(data);
  return mark.text();
}

bool IndexShelf::is_name(std::string_view name) {
  return !name.empty() && name.size() <= 60 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::vector<IndexSource> IndexShelf::files() const {
  std::vector<IndexSource> out;
  const std::string folder = folder_ + "/indices";
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    IndexSource one;
    one.id = entry.path().stem().string();
    if (entry.path().extension() != ".toml" || one.id == "notes" || !is_name(one.id)) continue;
    auto frame = base::read_file(entry.path().string());
    if (frame) one.frame = std::move(*frame);
    else one.mistake = frame.error().message;
    if (auto data = base::read_file(folder + "/" + one.id + ".csv")) one.data = std::move(*data);
    out.push_back(std::move(one));
  }
  if (out.empty()) return out;
  std::string mistake;
  const auto notes = notes_of(folder, mistake);
  for (IndexSource& one : out) {
    one.note = {mistake, mistake};
    if (const auto note = notes.find(one.id); note != notes.end()) one.note = note->second;
  }
  return out;
}

std::vector<IndexSource> IndexShelf::all() const {
  std::vector<IndexSource> out = files();
  std::map<std::string, IndexSaving> newest;
  twin_.each(flow::kIndexSavingType, [&](const flow::EntityPtr& entity) {
    IndexSaving& held = newest[std::string(entity->text("index"_name))];
    if (entity->number("number"_name).value_or(0) > double(held.number)) held = IndexSaving::from(*entity);
    return true;
  });
  for (auto& [id, saving] : newest) {
    auto at = std::ranges::find(out, id, &IndexSource::id);
    if (at == out.end()) at = out.insert(at, IndexSource{.id = id});
    if (!saving.frame.empty()) at->frame = std::move(saving.frame), at->mistake.clear();
    at->data = std::move(saving.data), at->note = {saving.note, saving.note};
    at->number = saving.number, at->by = std::move(saving.by), at->at = saving.at;
  }
  for (IndexSource& one : out) {
    if (one.mistake.empty()) read_head(one);
  }
  std::ranges::sort(out, {}, &IndexSource::id);
  return out;
}

Result<IndexSource> IndexShelf::find(std::string_view id) const {
  std::vector<IndexSource> known = all();
  const auto found = std::ranges::find(known, id, &IndexSource::id);
  if (found == known.end()) return fail(Errc::not_found, "there is no index '{}'", id);
  return std::move(*found);
}

std::vector<IndexSaving> IndexShelf::savings(std::string_view id) const {
  std::vector<IndexSaving> out;
  twin_.each(flow::kIndexSavingType, [&](const flow::EntityPtr& entity) {
    if (entity->text("index"_name) != id) return true;
    out.push_back(IndexSaving::from(*entity));
    out.back().frame.clear(), out.back().data.clear();
    return true;
  });
  std::ranges::sort(out, std::ranges::greater{}, &IndexSaving::number);
  return out;
}

Result<IndexSaving> IndexShelf::saving(std::string_view id, std::uint64_t number) const {
  const flow::EntityPtr entity = twin_.get(IndexSaving::entity_id(id, number));
  if (!entity) return fail(Errc::not_found, "'{}' has no saving {}", id, number);
  return IndexSaving::from(*entity);
}

}  // namespace cityloop::serve
