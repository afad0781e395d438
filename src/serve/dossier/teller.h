// What stands in a dossier in words, in one of the two languages: names of states, steps, people and departments, times
// of the city's own zone, lengths of time, and why a deadline falls when it does.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/dossier/dossier.h"
#include "serve/views.h"

namespace cityloop::serve {

class Teller {
 public:
  Teller(const DossierSources& on, const Dossier& dossier, Language language)
      : on_(on), dossier_(dossier), language_(language) {}

  bool zh() const { return language_ == Language::zh; }
  std::string say(std::string_view zh_text, std::string_view en_text) const {
    return std::string(zh() ? zh_text : en_text);
  }
  std::string say(const flow::Bilingual&) const;  // the other language where one is empty

  std::string time(base::Instant) const;   // "2026-11-21 20:31"; "–" for kNever
  std::string clock(base::Instant) const;  // with seconds
  std::string span(base::Duration) const;  // "3 h 20 min", of the two largest parts

  std::string department(std::string_view id) const;
  std::string area(std::string_view id) const;
  std::string category(std::string_view code) const;
  std::string kind() const;
  std::string state(std::string_view id) const;
  std::string severity(flow::Severity) const;
  std::string channel(std::string_view) const;
  std::string who(std::string_view by) const;  // a person, a citizen, a device, the city itself
  std::string role(std::string_view party) const;
  std::string thing(flow::EntityId) const;  // an entity by the name that people know
  std::string step(std::string_view verb) const;
  std::string step_note(const flow::CaseStep&) const;
  // What somebody filled in, by the names that the form gives.
  std::vector<std::pair<std::string, std::string>> given(const flow::CaseStep&) const;

  std::string clock_name(const flow::CaseClock&) const;
  // "due in 3 h 20 min", and "4 h of working time (Office hours) from 2026-11-21 09:00, 40 min paused".
  std::pair<std::string, std::string> clock_words(const flow::CaseClock&) const;
  std::string number_with_unit(double, std::string_view unit_code) const;

 private:
  std::string filled(std::string text) const;
  std::string value_of(std::string_view field, const base::JsonValue&) const;
  const casework::Deadline* deadline_of(const flow::CaseClock&) const;

  const DossierSources& on_;
  const Dossier& dossier_;
  const Language language_;
};

}  // namespace cityloop::serve
