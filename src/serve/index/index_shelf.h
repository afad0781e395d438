// The composite indices, self-assessments and surveys of a city: what its folder declares, and what people saved since.
//
//   CITY/indices/NAME.toml, NAME.csv, notes.toml ─┐
//   twin (IndexSaving) ───────────────────────────┴▶ [IndexShelf] ─ IndexSource ─▶ IndexRoutes
//
// NAME.toml is a frame of any kind (doc/composite-index.md), NAME.csv its table; a frame without one waits for it.
// notes.toml says of each what a reader should know of its numbers, [NAME] zh, en. A table saved through the server
// takes the place of the file's, and a frame saved with it that of the file's; every saving is an entity of its own in
// the log and stays. What is wrong with one hides no other. Read when somebody asks; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/change.h"
#include "flow/entity.h"
#include "flow/finding.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct IndexSaving {
  std::string index;
  std::uint64_t number{0};  // 1 is the first of its index
  std::string by;
  base::Instant at{base::kNever};
  std::string note;
  std::string frame;  // empty: the one of the city's folder
  std::string data;

  static flow::EntityId entity_id(std::string_view index, std::uint64_t number);
  flow::Write to_write() const;  // refused with Errc::exists where somebody else was quicker
  static IndexSaving from(const flow::Entity&);
};

struct IndexSource {
  std::string id;    // NAME
  std::string kind;  // composite, maturity, survey; empty where the frame cannot be read
  flow::Bilingual name, about, note;
  std::string edition;
  std::string frame, data;  // texts; `data` is empty where there is none
  std::string mistake;      // why the frame cannot be read, with file and line
  std::uint64_t number{0};  // of the saving whose table this is; 0: the folder's
  std::string by;           // of that saving
  base::Instant at{base::kNever};
  // Tells one frame with one table from any other.
  std::string version() const;
};

class IndexShelf {
 public:
  IndexShelf(const twin::Twin& twin, std::string city_folder) : twin_(twin), folder_(std::move(city_folder)) {}

  std::vector<IndexSource> all() const;                                        // by id
  base::Result<IndexSource> find(std::string_view id) const;                   // Errc::not_found
  std::vector<IndexSaving> savings(std::string_view id) const;                 // the newest first, without their texts
  base::Result<IndexSaving> saving(std::string_view id, std::uint64_t) const;  // whole
  // [a-z0-9_-], up to 60: a name that is a file's and part of an address.
  static bool is_name(std::string_view);

 private:
  std::vector<IndexSource> files() const;

  const twin::Twin& twin_;
  const std::string folder_;
};

}  // namespace cityloop::serve
