#include "casework/neighbours.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "casework/storm.h"
#include "text/normal.h"

namespace cityloop::casework {
namespace {

using flow::Case;
using flow::SimilarCase;

constexpr double kWordsLeast = 0.3;  // of texts of which one has no place
// The most that words can add to the odds, and a little for rounding.
constexpr double kWordsMost = 5 * 0.85 + 0.1;
constexpr char kRarities = 'r', kRemoved = 'n';

double odds_of_place(double distance_m, double radius_m) {
  return 2.2 - 3.2 * distance_m / radius_m;
}

double odds_of_time(base::Duration apart, base::Duration within) {
  return 0.5 - double(std::abs(apart.count())) / double(within.count());
}

// Unlike words count against, alike ones the more the more alike they are: two people never write the same by chance.
double odds_of_words(double likeness) {
  return likeness < 0.15 ? -1.2 + 8 * likeness : 5 * (likeness - 0.15);
}

double share_of(double odds) {
  return 1 / (1 + std::exp(-odds));
}

// What people are shown and what is compared in tests: no noise in the last places.
double rounded(double value, double step) {
  return std::round(value / step) * step;
}

}  // namespace

SimilarRules SimilarRules::read(base::ConfigTable& intake) {
  SimilarRules out;
  auto table = intake.table("similar");
  if (!table) return out;
  out.radius_m = table->number_or("radius_m", out.radius_m);
  out.within = table->duration_or("within", out.within);
  out.least = table->number_or("least", out.least);
  if (!(out.radius_m > 0 && out.radius_m <= 10'000))
    table->mistake("radius_m", "'radius_m' is above 0 and at most 10000");
  if (out.within <= base::Duration::zero()) table->mistake("within", "'within' is a time above 0");
  if (!(out.least > 0 && out.least <= 1)) table->mistake("least", "'least' is a score above 0 and at most 1");
  return out;
}

// What a sensor's rule says of each of its findings is a template: it tells nothing apart.
std::string Neighbours::words_of(const Case& one) {
  if (one.channel == "sensor") return {};
  const std::string& title = one.title.zh.empty() ? one.title.en : one.title.zh;
  const bool begins_with_it = one.description.starts_with(title);
  return text::normal_form(begins_with_it ? fmt::format("{} {}", one.description, one.address)
                                          : fmt::format("{} {} {}", title, one.description, one.address));
}

Neighbours::Entry& Neighbours::enter(std::uint64_t number, const Case& one) {
  remove(number);
  auto slot = Slot(entries_.size());
  if (free_slots_.empty()) {
    entries_.emplace_back();
    numbers_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[number] = slot;
  numbers_[slot] = number;
  Entry& entry = entries_[slot];
  entry = {number, one.id, one.opened_at, one.kind, one.category, place_of(one.location), false};
  if (entry.place) places_.put(slot, geo::Shape::point(*entry.place));
  return entry;
}

void Neighbours::forget_before(base::Instant at) {
  if (at <= forgotten_before_) return;
  forgotten_before_ = at;
  removed_changed_ = true;
  while (!slots_.empty() && entries_[slots_.begin()->second].opened_at < forgotten_before_)
    remove(slots_.begin()->first);
}

void Neighbours::add(std::uint64_t number, const Case& one) {
  if (one.opened_at < forgotten_before_) return;
  Entry& entry = enter(number, one);
  const std::string words = words_of(one);
  entry.words = !words.empty();
  if (entry.words) words_.add(number, words);
  placeless_ += entry.words && !entry.place;
  recounted();
}

void Neighbours::put_back(std::uint64_t number, const Case& one) {
  if (one.opened_at < forgotten_before_) return;
  Entry& entry = enter(number, one);
  const std::string words = words_of(one);
  entry.words = !words.empty();
  if (entry.words) words_.put_back(number, words);
  placeless_ += entry.words && !entry.place;
}

void Neighbours::remove(std::uint64_t number) {
  const auto found = slots_.find(number);
  if (found == slots_.end()) return;
  const Slot slot = found->second;
  Entry& entry = entries_[slot];
  placeless_ -= entry.words && !entry.place;
  if (entry.words) {
    ++removed_;
    removed_changed_ = true;
    words_.remove(number);
    recounted();
  }
  if (entry.place) places_.erase(slot);
  entry = {};
  free_slots_.push_back(slot);
  slots_.erase(found);
}

// Those near, the newest first where there are very many; and where one of the two has no place, those of like words.
std::vector<Neighbours::Slot> Neighbours::candidates(Slot mine, const SimilarRules& rules) const {
  const Entry& one = entries_[mine];
  std::vector<Slot> out;
  if (one.place) {
    std::vector<std::pair<std::uint64_t, Slot>> near;
    for (const Slot slot : places_.near(geo::Shape::point(*one.place), rules.radius_m)) {
      if (slot != mine) near.emplace_back(numbers_[slot], slot);
    }
    if (near.size() > kLookedAt) {
      std::nth_element(near.begin(), near.begin() + kLookedAt, near.end(), std::greater<>());
      near.resize(kLookedAt);
    }
    for (const auto& [number, slot] : near) out.push_back(slot);
  }
  // Words count where one of the two has no place; without any such case nobody needs to be asked for theirs.
  if (!one.words || (one.place && placeless_ == 0)) return out;
  for (const text::Alike& alike : words_.nearest_to(one.number, kWordsLeast, kLookedAt)) {
    const Slot slot = slots_.at(alike.id);
    if (!one.place || !entries_[slot].place) out.push_back(slot);
  }
  return out;
}

SimilarCase Neighbours::compare(const Entry& one, const Entry& other, const text::LikenessIndex::Probe& words,
                                const SimilarRules& rules) {
  SimilarCase out;
  out.id = other.id;
  out.earlier = one.opened_at - other.opened_at;
  const bool same_category = !one.category.empty() && one.category == other.category;
  out.same_kind = one.kind == other.kind && (one.category.empty() || other.category.empty() || same_category);
  double odds = -2 + odds_of_time(out.earlier, rules.within) + (same_category ? 1.1 : out.same_kind ? 0.8 : -1.2);
  if (one.place && other.place) {
    out.distance_m = rounded(geo::distance_m(*one.place, *other.place), 1);
    odds += odds_of_place(out.distance_m, rules.radius_m);
    // What lies too far is not suggested, whatever it says; nor what no words could make likely enough.
    if (out.distance_m > rules.radius_m) return out;
  }
  if (share_of(odds + kWordsMost) < rules.least) return out;
  if (one.words && other.words) {
    out.text = rounded(words.likeness(other.number), 0.01);
    odds += odds_of_words(out.text);
  }
  out.score = rounded(share_of(odds), 0.01);
  return out;
}

std::vector<SimilarCase> Neighbours::similar_to(std::uint64_t number, const SimilarRules& rules) const {
  const auto found = slots_.find(number);
  if (found == slots_.end()) return {};
  const Entry& one = entries_[found->second];
  const text::LikenessIndex::Probe words = words_.probe(number);
  std::vector<SimilarCase> out;
  for (const Slot slot : candidates(found->second, rules)) {
    const Entry& other = entries_[slot];
    const auto apart = one.opened_at - other.opened_at;
    if (apart > rules.within || -apart > rules.within) continue;
    SimilarCase said = compare(one, other, words, rules);
    if (said.distance_m <= rules.radius_m && said.score >= rules.least) out.push_back(said);
  }
  std::sort(out.begin(), out.end(), [](const SimilarCase& a, const SimilarCase& b) {
    return a.score != b.score ? a.score > b.score : a.id.text() < b.id.text();
  });
  if (out.size() > flow::kSimilarMax) out.resize(flow::kSimilarMax);
  return out;
}

namespace {

std::string key_of(char part) {
  return {Neighbours::kRow, part};
}

}  // namespace

// Rarities are kept as they were when they were counted, and apart from them how many texts went since.
void Neighbours::recounted() {
  if (words_.recounts() == counted_at_) return;
  counted_at_ = words_.recounts();
  base::ByteWriter out;
  words_.save_rarities(out);
  rarities_ = out.take();
  removed_ = 0;
  rarities_changed_ = removed_changed_ = true;
}

std::string Neighbours::removed_row() const {
  base::ByteWriter out;
  out.varint(removed_);
  out.svarint(base::to_us(forgotten_before_));
  return out.take();
}

std::string Neighbours::rarities_row() const {
  base::ByteWriter out;
  out.text(rarities_);
  return out.take();
}

void Neighbours::save_changed(twin::StateRows& rows) {
  if (rarities_changed_) rows.put(key_of(kRarities), rarities_row());
  if (removed_changed_) rows.put(key_of(kRemoved), removed_row());
  rarities_changed_ = removed_changed_ = false;
}

void Neighbours::save_all(twin::StateRows& rows) const {
  rows.put(key_of(kRarities), rarities_row());
  rows.put(key_of(kRemoved), removed_row());
}

base::Status Neighbours::load_row(std::string_view key, base::ByteReader& in) {
  if (key == key_of(kRemoved)) {
    removed_ = in.varint();
    forgotten_before_ = base::from_us(in.svarint());
    return {};
  }
  rarities_ = in.text();
  base::ByteReader rarities(rarities_);
  return rarities_.empty() ? base::Status{} : words_.load_rarities(rarities);
}

// Texts that went leave no trace in the cases, but count towards counting anew.
void Neighbours::loaded() {
  for (std::uint64_t left = removed_; left > 0; --left) {
    words_.put_back(kNone, {});
    words_.remove(kNone);
  }
  counted_at_ = words_.recounts();
}

}  // namespace cityloop::casework
