// Which open cases may be about the same matter as a new one: by place, time, kind and words.
//
//   CaseLoop ─ a case that opens ─▶ [Neighbours] ─▶ flow::SimilarCase…, the likeliest first ─▶ people, who merge
//
// Each sign speaks for or against, and what they say is added up (log odds): near and far, soon and late, the same kind
// or another, alike or unlike words. A sign that is missing (a caller who names no place) says nothing. Nothing is
// merged by itself. The weights were set by hand; SimilarRules says from which score on a case is suggested.
//
// Cases older than SimilarRules::within take no room here.
//
// What is looked at is bounded, however many cases lie in one place: kLookedAt of the newest there, and as many whose
// words are most alike among those without a place. Order and scores follow from the cases alone and from the order in
// which they came and went.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/config.h"
#include "flow/case.h"
#include "geo/index.h"
#include "text/likeness.h"
#include "twin/loop.h"

namespace cityloop::casework {

// [intake.similar] radius_m = 150, within = "14d", least = 0.6
struct SimilarRules {
  double radius_m{150};
  base::Duration within{std::chrono::days(14)};
  double least{0.6};
  static SimilarRules read(base::ConfigTable&);
};

class Neighbours {
 public:
  static constexpr std::size_t kLookedAt = 200;

  // An open case, once; `number` is its own for ever, and rises with the time at which cases opened. One that is too
  // old is passed over.
  void add(std::uint64_t number, const flow::Case&);
  // From now on nothing that opened before is suggested any more: it takes no room.
  void forget_before(base::Instant);
  void remove(std::uint64_t number);  // an unknown number is no error
  // Of a case that was added; not itself.
  std::vector<flow::SimilarCase> similar_to(std::uint64_t number, const SimilarRules&) const;
  std::size_t size() const { return slots_.size(); }

  // The words' rarities are the only thing here that does not follow from the cases in hand.
  static constexpr char kRow = 'v';
  void save_changed(twin::StateRows&);
  void save_all(twin::StateRows&) const;
  base::Status load_row(std::string_view key, base::ByteReader&);
  void put_back(std::uint64_t number, const flow::Case&);  // every open case, after the rows
  void loaded();                                           // after all were put back, once
  void mark_all_changed() { rarities_changed_ = removed_changed_ = true; }

 private:
  struct Entry {
    std::uint64_t number{};
    flow::EntityId id;
    base::Instant opened_at{base::kNever};
    std::string kind, category;
    std::optional<geo::Position> place;
    bool words{false};
  };
  using Slot = std::uint32_t;
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  static std::string words_of(const flow::Case&);
  Entry& enter(std::uint64_t number, const flow::Case&);
  std::vector<Slot> candidates(Slot, const SimilarRules&) const;
  static flow::SimilarCase compare(const Entry&, const Entry& other, const text::LikenessIndex::Probe&,
                                   const SimilarRules&);
  void recounted();
  std::string removed_row() const;
  std::string rarities_row() const;

  std::vector<Entry> entries_;          // by slot
  std::vector<std::uint64_t> numbers_;  // of these, close together: many are looked at to find the newest
  std::vector<Slot> free_slots_;
  std::map<std::uint64_t, Slot> slots_;  // by number
  geo::SpatialIndex places_;             // by slot
  text::LikenessIndex words_;
  std::size_t placeless_{0};  // entries with words and without a place
  base::Instant forgotten_before_{base::kNever};
  std::string rarities_;      // as they were counted last
  std::uint64_t removed_{0};  // texts, since then
  std::uint64_t counted_at_{0};
  bool rarities_changed_{false}, removed_changed_{false};  // since save_changed()
};

}  // namespace cityloop::casework
