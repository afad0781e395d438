// Who is on duty when: crews, their shifts as they are worked in the end, and what work asks of a crew.
//
//   DutyRules (rules of the city's folder) ─┐
//   DutyChange (leave, swaps … granted) ────┴▶ [Roster] ─▶ planner, serve
//
// What the rules' patterns and dated rosters say for a day, less those who are away, with swaps and stand-ins in their
// places and overtime added. Immutable, shared by pointer, asked from any thread; a change makes a new one. Nothing is
// kept for each day: what is asked for is worked out, at a cost by days asked times people.
//
// Times are instants; a shift belongs to the local day on which it begins. Order is by crew, then by time, as text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "flow/finding.h"
#include "geo/shape.h"

namespace cityloop::duty {

using base::Duration;
using base::Instant;

struct Person {
  std::string id;  // of the account, "user:li.wei"; who has none is named in the same form
  flow::Bilingual name;
  std::string crew;
  std::vector<std::string> skills{};
  double week_hours_max{};  // more than that in a week, Monday to Sunday, is refused
};

struct Crew {
  std::string id;
  flow::Bilingual name;
  std::string department;
  std::vector<std::string> members{};  // all people of the crew, on duty or not
  std::vector<std::string> skills{};   // what its vehicle and tools can do, whoever of it is on duty
  std::vector<std::string> areas{};    // policy areas and cell codes (or their beginnings) it looks after; empty: all
  flow::Bilingual vehicle{};
  geo::Position base{};  // where its day begins and ends
  double speed_mps{8};   // on the way, on average
  double capacity{1e9};  // of its vehicle, in the norms' load
  unsigned least{1};     // with fewer people on duty it does not go out
};

// A time through which the same people of a crew are on duty.
struct DutySpan {
  std::string crew;
  Instant from, until;  // until is the first moment after it
  std::vector<std::string> members{};
  std::vector<std::string> skills{};  // of these members together, and of the crew; sorted
};

// What work of a sort asks for.
struct WorkNorm {
  std::string kind{};      // of the case; empty: any
  std::string category{};  // the beginning of the code, "event-01"; empty: any
  std::vector<std::string> skills{};
  Duration service{std::chrono::minutes(30)};  // at the place
  double load{0};                              // of the vehicle's capacity
};

// One person's shift on one day.
struct Shift {
  std::string person;
  std::string crew;
  std::string shift;  // id in the rules; "overtime" for what was added
  Instant from, until;
  std::string instead_of{};  // the person whose shift it was; empty: their own
  std::string roster{};      // which roster of the rules says so; empty: none, it was added
};

class DutyRules;
struct DutyChange;

class Roster {
 public:
  // What is not granted is passed over. Without rules nobody is ever on duty.
  static std::shared_ptr<const Roster> make(const std::shared_ptr<const DutyRules>&, std::vector<DutyChange>);
  ~Roster();

  // Crews that can go out: with at least `least` people. In spans that are cut at from and until.
  std::vector<DutySpan> on_duty(Instant from, Instant until) const;
  // The same with crews that have too few people to go out, but have somebody.
  std::vector<DutySpan> present(Instant from, Instant until) const;
  // When somebody of the crew is on duty next, `from` or later, within the 31 days after it; kNever otherwise.
  Instant next_duty(std::string_view crew, Instant from) const;

  const std::vector<Crew>& crews() const;                                            // by id
  const std::vector<Person>& people() const;                                         // by id
  const Crew* find(std::string_view crew) const;                                     // null when there is none
  const Person* person(std::string_view id) const;                                   // likewise
  const WorkNorm& norm_for(std::string_view kind, std::string_view category) const;  // the most precise; there is one

  // Crews that a person works for at that moment: their own, and those that they stand in for.
  std::vector<std::string> crews_of(std::string_view person, Instant at) const;

  // Shifts that touch [from, until), as they are worked; by crew, start, person.
  std::vector<Shift> shifts(Instant from, Instant until) const;
  // As the rules alone say, before anybody was away.
  std::vector<Shift> planned(Instant from, Instant until) const;
  // Absences that touch [from, until): leave and sickness.
  std::vector<const DutyChange*> absences(Instant from, Instant until) const;
  bool is_away(std::string_view person, Instant from, Instant until) const;

  const DutyRules& rules() const;
  const std::vector<DutyChange>& changes() const;  // granted ones, in the order in which they were

 private:
  Roster();
  struct Inside;
  std::unique_ptr<const Inside> inside_;
};

using RosterPtr = std::shared_ptr<const Roster>;

}  // namespace cityloop::duty
