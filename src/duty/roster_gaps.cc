#include "duty/roster_gaps.h"

#include <algorithm>
#include <map>
#include <set>

#include "duty/day_words.h"
#include "duty/duty_change.h"
#include "duty/duty_rules.h"

namespace cityloop::duty {
namespace {

using base::Errc;
using base::fail;

double hours(Duration span) {
  return double(span.count()) / 3.6e9;
}

std::string when(const DutyRules& rules, Instant at) {
  const std::string local = base::format_time(rules.zone().to_local(at));
  return fmt::format("{} {}", local.substr(0, 10), local.substr(11, 5));
}

std::string span_text(const DutyRules& rules, Instant from, Instant until) {
  const std::string end = when(rules, until);
  return fmt::format("{} – {}", when(rules, from), rules.day_of(from) == rules.day_of(until) ? end.substr(11) : end);
}

Duration overlap(Instant a_from, Instant a_until, Instant b_from, Instant b_until) {
  return std::max(Duration::zero(), std::min(a_until, b_until) - std::max(a_from, b_from));
}

class Look {
 public:
  Look(const Roster& roster, const std::vector<Holding>& holdings, Instant from, Instant until)
      : roster_(roster), rules_(roster.rules()), holdings_(holdings), from_(from), until_(until) {}

  std::vector<RosterGap> run() {
    present_ = roster_.present(from_, until_);
    planned_ = roster_.planned(from_, until_);
    absences_ = roster_.absences(from_, until_);
    for (const DutySpan& span : present_) present_of_[span.crew].push_back(&span);
    for (const Shift& shift : planned_) planned_of_[shift.crew].push_back(&shift);
    for (const SkillNeed& need : rules_.needs()) find_skill(need);
    for (const Crew& crew : roster_.crews()) find_short(crew);
    for (const Holding& holding : holdings_) find_away(holding);
    find_people();
    std::stable_sort(gaps_.begin(), gaps_.end(), [](const RosterGap& a, const RosterGap& b) {
      return a.from != b.from ? a.from < b.from : a.of < b.of;
    });
    return std::move(gaps_);
  }

 private:
  // Calls f(from, until, have) for each stretch in which it is the same.
  template <class Count, class F>
  void sweep(Instant from, Instant until, const std::vector<std::pair<Instant, Instant>>& edges, Count&& count, F&& f) {
    std::set<Instant> moments{from, until};
    for (const auto& [begin, end] : edges) {
      if (begin > from && begin < until) moments.insert(begin);
      if (end > from && end < until) moments.insert(end);
    }
    for (auto at = moments.begin(); at != moments.end() && std::next(at) != moments.end(); ++at)
      f(*at, *std::next(at), count(*at));
  }

  // What touches is one gap.
  void add(RosterGap gap) {
    if (!gaps_.empty()) {
      RosterGap& last = gaps_.back();
      const bool goes_on = last.of == gap.of && last.until == gap.from && last.department == gap.department &&
                           last.crew == gap.crew && last.skill == gap.skill && last.cell == gap.cell &&
                           last.person == gap.person && last.have == gap.have && last.need == gap.need;
      if (goes_on) return void(last.until = gap.until);
    }
    gaps_.push_back(std::move(gap));
  }

  // A stretch in which so many with the skill are there.
  struct Able {
    Instant from, until;
    double count;
  };

  std::vector<Able> able_to(const SkillNeed& need) const {
    std::vector<Able> out;
    for (const DutySpan& span : present_) {
      const Crew* crew = roster_.find(span.crew);
      if (!crew || crew->department != need.department) continue;
      double count = 0;
      for (const std::string& id : span.members) {
        const Person* person = roster_.person(id);
        count += person && std::ranges::binary_search(person->skills, need.skill);
      }
      if (count > 0) out.push_back({span.from, span.until, count});
    }
    return out;
  }

  void find_skill(const SkillNeed& need) {
    const std::vector<Able> able = able_to(need);
    const std::size_t before = gaps_.size();
    for (Day day = rules_.day_of(from_) - std::chrono::days(1); day <= rules_.day_of(until_);
         day += std::chrono::days(1)) {
      if (!need.days[weekday(day)]) continue;
      const Instant begin = std::max(from_, rules_.at(day, need.from));
      const Instant end = std::min(until_, rules_.at(day, need.until));
      if (begin >= end) continue;
      std::vector<Able> here;
      std::vector<std::pair<Instant, Instant>> edges;
      for (const Able& one : able) {
        if (one.from >= end || one.until <= begin) continue;
        here.push_back(one);
        edges.emplace_back(one.from, one.until);
      }
      const auto have = [&](Instant at) {
        double count = 0;
        for (const Able& one : here) count += one.from <= at && one.until > at ? one.count : 0;
        return count;
      };
      sweep(begin, end, edges, have, [&](Instant from, Instant until, double count) {
        if (count >= need.least) return;
        add({.of = GapOf::skill,
             .from = from,
             .until = until,
             .department = need.department,
             .skill = need.skill,
             .have = count,
             .need = double(need.least)});
      });
    }
    const Skill* skill = find_in(rules_.skills(), need.skill);
    for (std::size_t i = before; i < gaps_.size(); ++i) {
      const std::string span = span_text(rules_, gaps_[i].from, gaps_[i].until);
      gaps_[i].text = {fmt::format("{}：{} 值班 {} 人会“{}”，须 {} 人", need.department, span, gaps_[i].have,
                                   skill ? skill->name.zh : need.skill, need.least),
                       fmt::format("{}: {} of {} needed on duty who can do \"{}\", {}", need.department, gaps_[i].have,
                                   need.least, skill ? skill->name.en : need.skill, span)};
    }
  }

  void find_short(const Crew& crew) {
    const std::vector<const Shift*>& planned = planned_of_[crew.id];
    const std::vector<const DutySpan*>& present = present_of_[crew.id];
    std::vector<std::pair<Instant, Instant>> edges;
    for (const Shift* shift : planned) edges.emplace_back(shift->from, shift->until);
    for (const DutySpan* span : present) edges.emplace_back(span->from, span->until);
    const auto have = [&](Instant at) {
      for (const DutySpan* span : present) {
        if (span->from <= at && span->until > at) return double(span->members.size());
      }
      return 0.0;
    };
    sweep(from_, until_, edges, have, [&](Instant from, Instant until, double count) {
      const auto meant =
          std::ranges::count_if(planned, [&](const Shift* s) { return s->from <= from && s->until > from; });
      if (count >= crew.least || (meant < std::ptrdiff_t(crew.least) && count == 0)) return;
      const std::string span = span_text(rules_, from, until);
      add({.of = GapOf::crew_short,
           .from = from,
           .until = until,
           .department = crew.department,
           .crew = crew.id,
           .have = count,
           .need = double(crew.least),
           .text = {fmt::format("{}：{} 只有 {} 人，少于 {} 人不能出车", crew.name.zh, span, count, crew.least),
                    fmt::format("{}: only {} on duty, and does not go out with fewer than {}, {}", crew.name.en, count,
                                crew.least, span)}});
    });
  }

  void find_away(const Holding& holding) {
    const bool by_people = !holding.holders.empty() && std::ranges::all_of(holding.holders, [](const std::string& one) {
      return one.starts_with("user:");
    });
    if (!by_people) return;
    std::vector<const DutyChange*> theirs;
    std::vector<std::pair<Instant, Instant>> edges;
    for (const DutyChange* away : absences_) {
      if (std::ranges::find(holding.holders, away->person) == holding.holders.end()) continue;
      theirs.push_back(away);
      edges.emplace_back(away->from, away->until);
    }
    if (edges.empty()) return;
    const auto here = [&](Instant at) {
      return double(std::ranges::count_if(holding.holders, [&](const std::string& one) {
        return std::ranges::none_of(theirs, [&](const DutyChange* away) {
          return away->person == one && away->from <= at && away->until > at;
        });
      }));
    };
    sweep(from_, until_, edges, here, [&](Instant from, Instant until, double count) {
      if (count > 0) return;
      const std::string span = span_text(rules_, from, until);
      const Person* person = roster_.person(holding.holders.front());
      const Crew* crew = person ? roster_.find(person->crew) : nullptr;
      add({.of = GapOf::holder_away,
           .from = from,
           .until = until,
           .department = crew ? crew->department : std::string{},
           .crew = person ? person->crew : std::string{},
           .person = holding.holders.front(),
           .cell = holding.cell,
           .have = 0,
           .need = 1,
           .text = {fmt::format("单元网格 {}（{}）的网格员不在岗：{}", holding.cell, holding.name.zh, span),
                    fmt::format("nobody looks after the grid cell {} ({}), {}", holding.cell, holding.name.en, span)}});
    });
  }

  void find_people() {
    const Duration week = std::chrono::hours(24 * 7);
    std::map<std::string_view, std::vector<const Shift*>> by_person;
    const auto shifts = roster_.shifts(from_ - week, until_ + week);
    for (const Shift& shift : shifts) by_person[shift.person].push_back(&shift);
    for (auto& [id, worked] : by_person) {
      const Person* person = roster_.person(id);
      if (!person) continue;
      std::ranges::sort(worked, {}, [](const Shift* s) { return std::pair(s->from, s->until); });
      for (std::size_t i = 1; i < worked.size(); ++i) compare(*person, *worked[i - 1], *worked[i]);
      for (auto [monday, next] = week_of(roster_, from_); monday < until_;
           std::tie(monday, next) = week_of(roster_, next))
        find_too_long(*person, worked, monday, next);
    }
  }

  RosterGap of_person(GapOf of, const Person& person, Instant from, Instant until) const {
    const Crew* crew = roster_.find(person.crew);
    return {.of = of,
            .from = from,
            .until = until,
            .department = crew ? crew->department : std::string{},
            .crew = person.crew,
            .person = person.id};
  }

  void compare(const Person& person, const Shift& one, const Shift& next) {
    if (next.from >= until_ || next.until <= from_) return;
    if (next.from < one.until) {
      RosterGap gap = of_person(GapOf::double_booked, person, next.from, std::min(one.until, next.until));
      const std::string span = span_text(rules_, gap.from, gap.until);
      gap.text = {fmt::format("{} 同时有两个班次：{}", person.name.zh, span),
                  fmt::format("{} has two shifts at once, {}", person.name.en, span)};
      return gaps_.push_back(std::move(gap));
    }
    if (next.from - one.until >= rules_.limits().rest || next.from == one.until) return;
    RosterGap gap = of_person(GapOf::too_little_rest, person, one.until, next.from);
    gap.have = hours(next.from - one.until);
    gap.need = hours(rules_.limits().rest);
    gap.text = {
        fmt::format("{} 两班之间只休息 {:.3g} 小时：{}", person.name.zh, gap.have, when(rules_, one.until)),
        fmt::format("{} rests {:.3g} hours between two shifts, {}", person.name.en, gap.have, when(rules_, one.until))};
    gaps_.push_back(std::move(gap));
  }

  void find_too_long(const Person& person, const std::vector<const Shift*>& worked, Instant monday, Instant next) {
    Duration sum{};
    for (const Shift* shift : worked) sum += overlap(shift->from, shift->until, monday, next);
    if (hours(sum) <= person.week_hours_max) return;
    RosterGap gap = of_person(GapOf::too_long, person, monday, next);
    gap.have = hours(sum);
    gap.need = person.week_hours_max;
    const std::string day = format_date(rules_.day_of(monday));
    gap.text = {
        fmt::format("{} 在 {} 起的一周排班 {:.3g} 小时，上限 {:.3g} 小时", person.name.zh, day, gap.have, gap.need),
        fmt::format("{} works {:.3g} hours in the week of {}, and may work {:.3g}", person.name.en, gap.have, day,
                    gap.need)};
    gaps_.push_back(std::move(gap));
  }

  const Roster& roster_;
  const DutyRules& rules_;
  const std::vector<Holding>& holdings_;
  Instant from_, until_;
  std::vector<DutySpan> present_;
  std::vector<Shift> planned_;
  std::vector<const DutyChange*> absences_;
  std::map<std::string_view, std::vector<const DutySpan*>> present_of_;  // by crew
  std::map<std::string_view, std::vector<const Shift*>> planned_of_;
  std::vector<RosterGap> gaps_;
};

}  // namespace

std::string_view to_string(GapOf of) {
  constexpr std::string_view kNames[] = {"skill",         "crew_short", "holder_away",
                                         "double_booked", "too_long",   "too_little_rest"};
  return kNames[std::size_t(of)];
}

std::vector<RosterGap> gaps_of(const Roster& roster, const std::vector<Holding>& holdings, Instant from,
                               Instant until) {
  return Look(roster, holdings, from, until).run();
}

std::pair<Instant, Instant> week_of(const Roster& roster, Instant at) {
  const DutyRules& rules = roster.rules();
  const Day day = rules.day_of(at);
  const Day monday = day - std::chrono::days((weekday(day) + 6) % 7);
  return {rules.at(monday, 0), rules.at(monday + std::chrono::days(7), 0)};
}

base::Status may_work(const Roster& roster, std::string_view id, const Shift& added,
                      const std::vector<Instant>& without) {
  const Person* person = roster.person(id);
  if (!person) return fail(Errc::invalid, "there is no person '{}' in the rosters", id);
  const DutyRules& rules = roster.rules();
  const auto [monday, next] = week_of(roster, added.from);
  const Duration rest = rules.limits().rest;
  if (roster.is_away(id, added.from, added.until))
    return fail(Errc::conflict, "{} is away in that time", person->name.en);
  Duration week = overlap(added.from, added.until, monday, next);
  for (const Shift& shift : roster.shifts(std::min(monday, added.from - rest), std::max(next, added.until + rest))) {
    if (shift.person != id || std::ranges::find(without, shift.from) != without.end()) continue;
    week += overlap(shift.from, shift.until, monday, next);
    if (overlap(shift.from, shift.until, added.from, added.until) > Duration::zero())
      return fail(Errc::conflict, "{} has a shift of {} then: {}", person->name.en, shift.crew,
                  span_text(rules, shift.from, shift.until));
    // What follows at once is one longer shift.
    const Duration between = shift.from >= added.until ? shift.from - added.until : added.from - shift.until;
    if (between > Duration::zero() && between < rest)
      return fail(Errc::conflict, "{} would rest {:.3g} hours before or after the shift {}, and must rest {:.3g}",
                  person->name.en, hours(between), span_text(rules, shift.from, shift.until), hours(rest));
  }
  if (hours(week) > person->week_hours_max)
    return fail(Errc::conflict, "{} would work {:.3g} hours in that week, and may work {:.3g}", person->name.en,
                hours(week), person->week_hours_max);
  return {};
}

}  // namespace cityloop::duty
