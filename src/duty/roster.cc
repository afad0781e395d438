#include "duty/roster.h"

#include <algorithm>
#include <map>
#include <set>

#include "duty/day_words.h"
#include "duty/duty_change.h"
#include "duty/duty_rules.h"

namespace cityloop::duty {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
constexpr int kNextDaysMax = 31;

bool before(const Shift& a, const Shift& b) {
  return std::tie(a.crew, a.from, a.person, a.until) < std::tie(b.crew, b.from, b.person, b.until);
}

const DutyRulesPtr& no_rules() {
  static const DutyRulesPtr none = DutyRules::parse({}, {}).value();
  return none;
}

}  // namespace

struct Roster::Inside {
  DutyRulesPtr rules;
  std::vector<DutyChange> changes;  // granted, in the order in which they were

  std::vector<Shift> planned(Instant from, Instant until, std::string_view crew) const;
  std::vector<Shift> worked(Instant from, Instant until, std::string_view crew) const;
  void apply(const DutyChange&, std::vector<Shift>&, std::string_view crew) const;
  std::vector<DutySpan> spans(Instant from, Instant until, bool all) const;
  DutySpan span_of(const Crew&, Instant from, Instant until, const std::set<std::string_view>& members) const;
};

// What begins on the day before may reach in.
std::vector<Shift> Roster::Inside::planned(Instant from, Instant until, std::string_view crew) const {
  std::vector<Shift> out;
  if (from >= until) return out;
  const Day first = rules->day_of(from) - std::chrono::days(1), last = rules->day_of(until);
  for (const Crew& one : rules->crews()) {
    if (!crew.empty() && one.id != crew) continue;
    for (const std::string& id : one.members) {
      const Person& person = *rules->find_person(id);
      for (Day day = first; day <= last; day += std::chrono::days(1)) {
        std::string roster;
        const ShiftKind* kind = rules->shift_of(one, person, day, roster);
        if (!kind) continue;
        const Instant begin = rules->at(day, kind->from), end = rules->at(day, kind->until);
        if (begin < until && end > from) out.push_back({id, one.id, kind->id, begin, end, {}, std::move(roster)});
      }
    }
  }
  std::sort(out.begin(), out.end(), before);
  return out;
}

void Roster::Inside::apply(const DutyChange& change, std::vector<Shift>& shifts, std::string_view crew) const {
  const auto hand_over = [&](const std::string& whose, Instant from, const std::string& to) {
    for (Shift& shift : shifts) {
      if (shift.person != whose || shift.from != from) continue;
      if (shift.instead_of.empty()) shift.instead_of = whose;
      shift.person = to;
      return;
    }
  };
  switch (change.of) {
    case ChangeOf::stand_in: return hand_over(change.person, change.from, change.other);
    case ChangeOf::swap:
      // The other's shift first: what the one takes over is not handed on.
      hand_over(change.other, change.other_from, change.person);
      return hand_over(change.person, change.from, change.other);
    case ChangeOf::overtime:
      if (crew.empty() || crew == change.crew)
        shifts.push_back({change.person, change.crew, "overtime", change.from, change.until});
      return;
    case ChangeOf::leave:
    case ChangeOf::sickness: return;
  }
}

std::vector<Shift> Roster::Inside::worked(Instant from, Instant until, std::string_view crew) const {
  std::vector<Shift> shifts = planned(from, until, crew);
  std::vector<const DutyChange*> away;
  for (const DutyChange& change : changes) {
    const bool touches = change.from < until && change.until > from;
    const bool other_touches = change.of == ChangeOf::swap && change.other_from < until && change.other_until > from;
    if (!touches && !other_touches) continue;
    if (change.is_absence()) away.push_back(&change);
    else apply(change, shifts, crew);
  }
  for (const DutyChange* change : away) {
    std::vector<Shift> rest;
    for (Shift& shift : shifts) {
      if (shift.person != change->person || shift.from >= change->until || shift.until <= change->from) {
        rest.push_back(std::move(shift));
        continue;
      }
      if (shift.from < change->from) rest.push_back(shift), rest.back().until = change->from;
      if (shift.until > change->until) rest.push_back(shift), rest.back().from = change->until;
    }
    shifts = std::move(rest);
  }
  std::erase_if(shifts, [&](const Shift& shift) { return shift.from >= until || shift.until <= from; });
  std::sort(shifts.begin(), shifts.end(), before);
  return shifts;
}

DutySpan Roster::Inside::span_of(const Crew& crew, Instant from, Instant until,
                                 const std::set<std::string_view>& members) const {
  DutySpan out{.crew = crew.id, .from = from, .until = until};
  std::set<std::string_view> skills(crew.skills.begin(), crew.skills.end());
  for (const std::string_view id : members) {
    out.members.emplace_back(id);
    const Person* person = rules->find_person(id);
    if (person) skills.insert(person->skills.begin(), person->skills.end());
  }
  out.skills.assign(skills.begin(), skills.end());
  return out;
}

// Between two moments at which anybody of the crew comes or goes the same people are there.
std::vector<DutySpan> Roster::Inside::spans(Instant from, Instant until, bool all) const {
  std::vector<DutySpan> out;
  const std::vector<Shift> shifts = worked(from, until, {});
  for (auto first = shifts.begin(); first != shifts.end();) {
    const auto last = std::find_if(first, shifts.end(), [&](const Shift& s) { return s.crew != first->crew; });
    const Crew* crew = rules->find_crew(first->crew);
    std::set<Instant> moments;
    for (auto shift = first; shift != last; ++shift)
      moments.insert(std::max(shift->from, from)), moments.insert(std::min(shift->until, until));
    for (auto at = moments.begin(); crew && std::next(at) != moments.end(); ++at) {
      std::set<std::string_view> members;
      for (auto shift = first; shift != last; ++shift) {
        if (shift->from <= *at && shift->until > *at) members.insert(shift->person);
      }
      if (members.empty() || (!all && members.size() < crew->least)) continue;
      DutySpan span = span_of(*crew, *at, *std::next(at), members);
      const bool goes_on = !out.empty() && out.back().crew == span.crew && out.back().until == span.from &&
                           out.back().members == span.members;
      if (goes_on) out.back().until = span.until;
      else out.push_back(std::move(span));
    }
    first = last;
  }
  return out;
}

Roster::Roster() = default;
Roster::~Roster() = default;

std::shared_ptr<const Roster> Roster::make(const DutyRulesPtr& rules, std::vector<DutyChange> changes) {
  auto inside = std::make_unique<Inside>();
  inside->rules = rules ? rules : no_rules();
  std::erase_if(changes, [](const DutyChange& one) { return one.status != ChangeStatus::granted; });
  std::sort(changes.begin(), changes.end(), [](const DutyChange& a, const DutyChange& b) {
    return a.decided_at != b.decided_at ? a.decided_at < b.decided_at : a.id.text() < b.id.text();
  });
  inside->changes = std::move(changes);
  std::shared_ptr<Roster> roster(new Roster);
  roster->inside_ = std::move(inside);
  return roster;
}

std::vector<DutySpan> Roster::on_duty(Instant from, Instant until) const {
  return inside_->spans(from, until, false);
}

std::vector<DutySpan> Roster::present(Instant from, Instant until) const {
  return inside_->spans(from, until, true);
}

Instant Roster::next_duty(std::string_view crew, Instant from) const {
  if (!find(crew)) return base::kNever;
  for (int day = 0; day < kNextDaysMax; ++day) {
    const Instant begin = from + day * kDay;
    const auto shifts = inside_->worked(begin, begin + kDay, crew);
    if (!shifts.empty()) return std::max(shifts.front().from, from);
  }
  return base::kNever;
}

const std::vector<Crew>& Roster::crews() const {
  return inside_->rules->crews();
}

const std::vector<Person>& Roster::people() const {
  return inside_->rules->people();
}

const Crew* Roster::find(std::string_view crew) const {
  return inside_->rules->find_crew(crew);
}

const Person* Roster::person(std::string_view id) const {
  return inside_->rules->find_person(id);
}

// A longer beginning of the category before a shorter one, the category before the kind.
const WorkNorm& Roster::norm_for(std::string_view kind, std::string_view category) const {
  static const WorkNorm plain;
  const WorkNorm* best = &plain;
  const auto rank = [](const WorkNorm& norm) { return std::pair(norm.category.size(), !norm.kind.empty()); };
  for (const WorkNorm& norm : inside_->rules->norms()) {
    const bool fits = (norm.kind.empty() || norm.kind == kind) && category.starts_with(norm.category);
    if (fits && (best == &plain || rank(norm) > rank(*best))) best = &norm;
  }
  return *best;
}

std::vector<std::string> Roster::crews_of(std::string_view person, Instant at) const {
  std::set<std::string> out;
  if (const Person* known = this->person(person); known) out.insert(known->crew);
  // Who works for another crew does so by a change.
  std::set<std::string_view> others;
  for (const DutyChange& change : inside_->changes) {
    const bool named = change.person == person || change.other == person;
    if (named && !change.crew.empty() && !out.contains(change.crew)) others.insert(change.crew);
    if (const Person* other = named ? this->person(change.other) : nullptr) others.insert(other->crew);
  }
  for (const std::string_view crew : others) {
    for (const Shift& shift : inside_->worked(at, at + Duration(1), crew)) {
      if (shift.person == person) out.insert(shift.crew);
    }
  }
  return {out.begin(), out.end()};
}

std::vector<Shift> Roster::shifts(Instant from, Instant until) const {
  return inside_->worked(from, until, {});
}

std::vector<Shift> Roster::planned(Instant from, Instant until) const {
  return inside_->planned(from, until, {});
}

std::vector<const DutyChange*> Roster::absences(Instant from, Instant until) const {
  std::vector<const DutyChange*> out;
  for (const DutyChange& change : inside_->changes) {
    if (change.is_absence() && change.from < until && change.until > from) out.push_back(&change);
  }
  return out;
}

bool Roster::is_away(std::string_view person, Instant from, Instant until) const {
  return std::ranges::any_of(absences(from, until), [&](const DutyChange* away) { return away->person == person; });
}

const DutyRules& Roster::rules() const {
  return *inside_->rules;
}

const std::vector<DutyChange>& Roster::changes() const {
  return inside_->changes;
}

}  // namespace cityloop::duty
