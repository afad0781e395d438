// What the public, and whoever follows a report by its link, sees of a case: no personal data, no names of staff, no
// notes but the reason why something was not done.
//
//   Case, its rules, Publication ─▶ [PublicView] ─ PublicCase, PublicStep ─▶ PublicBoard, routes, notices
//
// Reads the twin as it is now; keeps nothing. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "civic/publication.h"
#include "civic/settings_in_force.h"
#include "civic/words.h"
#include "flow/case.h"
#include "serve/case_rules_shelf.h"
#include "serve/city.h"
#include "twin/twin.h"

namespace cityloop::civic {

using flow::EntityId;
using flow::Instant;

struct PublicStep {
  Instant at{flow::kNever};
  PublicStatus status{PublicStatus::received};
  Bilingual with;      // the body that has it then; empty when none or not known
  std::string reason;  // with personal data blacked out
};

struct PublicPlace {
  double lon_deg{}, lat_deg{};
  double within_m{};  // how far off it may be; 0: as it was reported
};

struct PublicCase {
  EntityId id;
  std::string code;
  std::string service;
  Bilingual service_name;
  PublicStatus status{PublicStatus::received};
  bool open{true};
  Bilingual with;
  std::string reason;
  std::optional<std::string> text;
  std::optional<PublicPlace> place;
  std::vector<std::string> photos;
  std::uint32_t count{1};
  std::string merged_into;  // code
  Instant opened_at{flow::kNever}, updated_at{flow::kNever}, due_at{flow::kNever}, closed_at{flow::kNever};
};

// The members of a public report, inside an object that the caller has opened.
void write_fields(base::JsonWriter&, const PublicCase&);
void write_steps(base::JsonWriter&, const std::vector<PublicStep>&);
void write_place(base::JsonWriter&, std::string_view key, const std::optional<PublicPlace>&);

// The place of a case: its first position; nothing where it has none.
std::optional<PublicPlace> place_of(const flow::Case&);

struct PublicView {
  const SettingsInForce& in_force;
  const serve::City& city;
  const twin::Twin& twin;
  serve::CaseRulesShelf& shelf;

  const CivicSettings& settings() const { return in_force.now(); }
  // By what it was reported as, where that is known; else by its category, then by its kind. Null: none of them.
  const Service* service_of(const flow::Case&, std::string_view reported_as) const;
  std::optional<Publication> publication(EntityId about) const;
  // Whether others may see it, once and for all: by its service, its channel and what a moderator said.
  bool is_public(const flow::Case&, const Service*, const std::optional<Publication>&) const;
  PublicCase make(const flow::Case&, const Service*, const std::optional<Publication>&) const;
  // `for_reporter`: with what the reporter is asked, which is nobody else's business.
  std::vector<PublicStep> steps(const flow::Case&, bool for_reporter = false) const;
  Bilingual department_name(std::string_view id) const;

 private:
  PublicStep step(const flow::CaseStep&, const casework::State& to, const std::string& department,
                  bool for_reporter) const;
};

// What people call a case by.
std::string code_of(const flow::Case&);

}  // namespace cityloop::civic
