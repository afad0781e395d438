// All that says which indicators a city has, as one version: declarations, domains, areas with their inhabitants.
//
//   CITY/indicators/*, CITY/PACKAGE/indicators/* ─▶ [IndicatorRules] ─ IndicatorRules entity ─▶ log ══▶ IndicatorLoop
//                                                                                serve reads the same entity
//
// As with the rules of cases (casework/case_rules.h) the version is a fingerprint of the files' texts and travels
// through the log, so that a replay has the same indicators whatever the files say today. Immutable, shared.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/config.h"
#include "base/result.h"
#include "base/time.h"
#include "flow/change.h"
#include "flow/rule_files.h"
#include "geo/area.h"
#include "index/indicator/declaration.h"

namespace cityloop::index {

// What the declarations need to know of their city.
struct IndicatorFacts {
  struct Place {
    std::string id;
    flow::Bilingual name{};
    std::string geojson{};  // of an area
    friend bool operator==(const Place&, const Place&) = default;
  };
  std::string time_zone{"UTC"};
  std::vector<Place> areas{}, departments{};
};

// Where a value holds: the whole city, one of its areas, or a department's part of it.
struct AreaEntry {
  AreaKind kind{};
  std::string id;  // empty: the whole city
  flow::Bilingual name{};
  double inhabitants{-1}, area_km2{-1};  // negative: not known
  // "city", "area:lakeshore", "department:water"
  std::string key() const;
};

struct Domain {
  std::string id;
  flow::Bilingual name;
};

class IndicatorRules;
using IndicatorRulesPtr = std::shared_ptr<const IndicatorRules>;

class IndicatorRules {
 public:
  // Every mistake of every file at once, one a line as "FOLDER/file:line: reason".
  static base::Result<IndicatorRulesPtr> parse(flow::RuleFiles, IndicatorFacts, const std::string& folder = "");
  // *.toml and *.geojson of CITY/indicators and of each CITY/NAME/indicators, in order of name; there need be none.
  static base::Result<flow::RuleFiles> read_folder(const std::string& city_folder);
  static base::Result<IndicatorRulesPtr> load_folder(const std::string& city_folder, IndicatorFacts);

  const std::string& version() const { return version_; }
  const base::TimeZone& zone() const { return zone_; }
  const std::vector<Declaration>& indicators() const { return indicators_; }  // by id
  const Declaration* find(std::string_view id) const;                         // null when there is none
  std::size_t place_of(const Declaration& one) const { return std::size_t(&one - indicators_.data()); }
  const std::vector<AreaEntry>& areas() const { return areas_; }  // the city first, then areas, then departments
  const AreaEntry* find_area(std::string_view key) const;
  std::size_t department_begin() const { return department_begin_; }  // place in areas() of the first
  const geo::Areas& shapes() const { return shapes_; }
  const std::vector<Domain>& domains() const { return domains_; }
  flow::Bilingual domain_name(std::string_view id) const;
  // Places of the formulas in an order in which none comes before what it needs.
  const std::vector<std::size_t>& formula_order() const { return formula_order_; }

  flow::Write to_write(base::Instant at) const;
  static base::Result<IndicatorRulesPtr> from_entity(const flow::Entity&);
  static flow::EntityId entity_id(std::string_view version);
  void save(base::ByteWriter&) const;
  static base::Result<IndicatorRulesPtr> load(base::ByteReader&);

 private:
  std::string read_all(const std::string& folder);
  std::string read_shapes(const std::string& folder);
  std::string add_feature(const std::string& name, const std::string& id, AreaEntry, const std::string& geojson);
  void read_root(base::ConfigTable& root, const std::string& file);
  void read_area(base::ConfigTable&);
  std::string order_formulas();
  std::string finish_areas();

  flow::RuleFiles files_;
  IndicatorFacts facts_;
  std::string version_;
  base::TimeZone zone_{base::TimeZone::utc()};
  std::vector<Declaration> indicators_;
  std::vector<AreaEntry> areas_;
  std::vector<geo::Area> polygons_;                              // while they are read
  std::map<std::string, std::size_t, std::less<>> area_places_;  // by key
  std::size_t department_begin_{1};
  geo::Areas shapes_;
  std::vector<Domain> domains_;
  std::vector<std::size_t> formula_order_;
};

// One [[indicator]]; mistakes are noted at its lines. The defaults are those of its file.
struct IndicatorDefaults {
  std::string domain, owner;
  flow::Bilingual source;
};
Declaration read_indicator(base::ConfigTable&, const IndicatorDefaults&);
flow::Bilingual read_words(base::ConfigTable&, std::string_view key, bool required);

}  // namespace cityloop::index
