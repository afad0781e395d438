// What lists, maps and counts know of a case, without its timeline and lists.
//
//   Entity of a Case ─ [CaseRow] ─▶ CaseBlock
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flow/case.h"

namespace cityloop::serve {

// What a case may be filtered and counted by, one text each. `assisting` names the departments of its tasks, in one
// text with blanks between them.
enum class CaseField : std::uint8_t {
  state,
  stage,
  outcome,
  kind,
  rule,
  severity,
  department,
  area,
  category,
  channel,
  assisting,
  cell,
  crew,
  holder,
  reporter,
};
inline constexpr std::size_t kCaseFields = 15;
inline constexpr std::size_t kShortFields = 13;  // of few texts; those behind are people
inline constexpr std::array<std::string_view, kCaseFields> kCaseFieldNames{
    "state",    "stage",   "outcome",   "kind", "rule", "severity", "department", "area",
    "category", "channel", "assisting", "cell", "crew", "holder",   "reporter"};

enum CaseFlag : std::uint16_t {
  kCaseOpen = 1,
  kCaseOverdue = 2,
  kCaseSupervised = 4,
  kCaseSensed = 8,  // a finding opened it
  kCaseReopened = 16,
  kCasePhotos = 32,
  kCaseRequested = 64,  // somebody has asked for something and waits
  kCaseSimilar = 128,   // may be about the same as another
  kCaseStorm = 256,
};

// Web Mercator as two whole numbers, 2^32 around the earth: squares of a map are prefixes of them.
struct MapPlace {
  std::uint32_t x{0xffffffff}, y{0xffffffff};  // these two: no place
  bool none() const { return x == 0xffffffff && y == 0xffffffff; }
  static MapPlace of(double lon_deg, double lat_deg);
  double lon_deg() const;
  double lat_deg() const;
};

struct CaseRow {
  std::string id;
  std::array<std::string, kCaseFields> fields;
  std::uint16_t flags{0};
  std::uint8_t severity{0}, rating{0};
  std::int64_t opened_us{0};
  std::uint32_t due_s{0xffffffff}, closed_s{0xffffffff};  // since 1970; 0xffffffff: none
  MapPlace place;
  std::string text;  // searchable (case_terms.h)

  std::string& field(CaseField f) { return fields[std::size_t(f)]; }
};

// `known_text`: what is searchable of the case as it was; taken over where nothing in it has changed, which
// `text_mark` tells (0: no row yet).
CaseRow row_of(const flow::Entity&, std::string_view known_text, std::uint64_t& text_mark);

}  // namespace cityloop::serve
