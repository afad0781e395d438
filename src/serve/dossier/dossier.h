// All that is known of a case, gathered once, from which its sheet (case_sheet.h) and its evidence (evidence.h) are
// written.
//
//   twin, archive, log, history, photos ─ [gather] ─▶ Dossier ─▶ PDF, ZIP
//
// Nothing of how a reporter is reached is in it: the log has none. What looks like personal data in people's own words
// is blacked out here, before anything is written. Gathering reads the disk: for the back room.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/command.h"
#include "geo/shape.h"
#include "serve/case_view.h"
#include "serve/city.h"
#include "serve/dossier/case_trail.h"
#include "twin/history/history.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct DossierSources {
  const twin::Twin& twin;
  const City& city;
  const twin::History& history;
  CaseRulesShelf& shelf;
  base::TimeZone zone;
  std::function<flow::Seq()> trail_done;  // the last record that CaseTrail has written rows of
  std::function<base::Result<std::string>(const std::string& id, bool small)> photo;  // JPEG
  std::function<std::string(std::string_view)> mask;                                  // blacks out what is personal
  std::function<flow::Bilingual(std::string_view id)> person;                         // empty where nobody knows
};

// How one attribute went around a finding.
struct Trend {
  flow::EntityId entity;
  std::string attribute, unit;
  std::optional<double> limit;
  std::vector<twin::Sample> samples;
};

struct FoundOut {
  flow::Finding is;
  std::optional<Trend> trend;
};

struct DossierNotice {
  base::Instant at;
  std::string to;
  flow::Bilingual text;
};

struct DossierPhoto {
  std::string id;
  base::Instant at;
  std::string by;     // who brought it
  std::string verb;   // of the step; empty: with the report
  std::string print;  // as the sheet shows it; empty: it is not there any more, or left out
  std::string jpeg;   // in full, for the evidence
};

struct Guess {
  std::string label;  // of a department, a category
  double confidence{};
};

struct Street {
  std::string name;
  geo::Shape shape;
};

struct Dossier {
  RuledCase one;
  bool archived{false};
  std::vector<FoundOut> findings;  // at most kFindingsShown
  std::size_t findings_total{0};
  std::vector<flow::Command> commands;
  std::vector<DossierNotice> notices;
  std::vector<DossierPhoto> photos;
  std::size_t photos_left_out{0};
  std::optional<Guess> guessed_department, guessed_category;
  std::vector<flow::Case> named;  // merged into it, where it goes on, and what may be the same, as far as readable
  std::optional<geo::Position> place;
  std::vector<Street> streets;
  flow::EntityPtr rules;  // the version by which it runs; null when it is not there any more
  CaseRecords log;
  base::Instant made_at;
  std::string made_by;
};

inline constexpr std::size_t kFindingsShown = 20;
inline constexpr std::size_t kPhotosFine = 6;  // of the sheet; more are shown as thumbnails
inline constexpr std::size_t kPhotosMax = 200;
inline constexpr std::size_t kPhotoBytesMax = 96u << 20;

struct DossierWish {
  flow::Case is;
  std::vector<flow::EntityId> findings;
  CaseFinder find;      // other cases, for whoever asks
  bool evidence{true};  // with the log's records, and the photos in full
  base::Instant now;
  std::string by;
  std::function<bool()> stopping;
};

base::Result<Dossier> gather(const DossierSources&, DossierWish);

// The same JSON with the strings in it that people wrote blacked out where they look personal; ids, times and words of
// the house stay. What is no JSON is taken as a text.
std::string masked_json(std::string_view json, const std::function<std::string(std::string_view)>& mask);

}  // namespace cityloop::serve
