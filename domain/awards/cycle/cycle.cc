#include "domain/awards/cycle/cycle.h"

#include <algorithm>

namespace cityloop::awards {
namespace {

template <class Item>
const Item* find(const std::vector<Item>& in, std::string_view id) {
  const auto found = std::ranges::find(in, id, &Item::id);
  return found == in.end() ? nullptr : &*found;
}

}  // namespace

const Category* Cycle::category(std::string_view wanted) const {
  return find(categories, wanted);
}
const Field* Cycle::field(std::string_view wanted) const {
  return find(fields, wanted);
}
const FileSlot* Cycle::slot(std::string_view wanted) const {
  return find(files, wanted);
}
const Dimension* Cycle::dimension(std::string_view wanted) const {
  return find(dimensions, wanted);
}
Bilingual Cycle::distinction(const std::string& prize) const {
  const auto found = std::ranges::find(distinctions, prize, &Choice::id);
  return found == distinctions.end() ? Bilingual{prize, prize} : found->name;
}

const StageWindow* Cycle::stage(std::string_view wanted) const {
  return find(stages, wanted);
}

bool Cycle::open(std::string_view wanted, Instant now) const {
  const StageWindow* const found = stage(wanted);
  return !found || !found->when.given() || found->when.has(now);
}

bool Cycle::begun(std::string_view wanted, Instant now) const {
  const StageWindow* const window = stage(wanted);
  return !window || !window->when.given() || now >= window->when.opens;
}

const Field* Cycle::title_field() const {
  const auto found = std::ranges::find_if(fields, &Field::title);
  return found == fields.end() ? nullptr : &*found;
}

std::string Cycle::local(Instant t) const {
  std::string text = base::format_time(zone.to_local(t));
  text.pop_back();  // its Z
  if (const std::size_t parting = text.find('T'); parting != text.npos) text[parting] = ' ';
  return fmt::format("{} ({})", text, zone.name());
}

double Cycle::score_max() const {
  double out = 0;
  for (const Dimension& one : dimensions) out += one.max * one.weight;
  return out;
}

std::string_view to_string(ProjectStatus one) {
  constexpr std::string_view kNames[] = {"planned", "in_progress", "done"};
  return kNames[std::size_t(one)];
}
std::string_view to_string(FieldType one) {
  constexpr std::string_view kNames[] = {"line",  "text",  "number", "date", "choice", "choices",
                                         "email", "phone", "url",    "yes",  "place"};
  return kNames[std::size_t(one)];
}
std::string_view to_string(Blind one) {
  constexpr std::string_view kNames[] = {"show", "mask", "hide"};
  return kNames[std::size_t(one)];
}
std::string_view to_string(FileKind one) {
  constexpr std::string_view kNames[] = {"pdf", "office", "video", "image"};
  return kNames[std::size_t(one)];
}
std::string_view to_string(LetterKind one) {
  constexpr std::string_view kNames[] = {"receipt",   "submit",  "questions", "transfer",
                                         "shortlist", "confirm", "result"};
  return kNames[std::size_t(one)];
}
std::string_view to_string(Coming one) {
  constexpr std::string_view kNames[] = {"open", "invited", "closed"};
  return kNames[std::size_t(one)];
}

}  // namespace cityloop::awards
