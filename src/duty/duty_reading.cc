// The blocks and rows of the files of duty, each with its mistakes.
#include <algorithm>

#include "duty/day_words.h"
#include "duty/duty_rules.h"

namespace cityloop::duty {
namespace {

using base::ConfigTable;

template <class Item>
void add_once(std::vector<Item>& items, Item item, ConfigTable& table, std::string_view what) {
  if (!item.id.empty() && find_in(items, item.id))
    table.mistake("id", fmt::format("there is a {} '{}' already", what, item.id));
  items.push_back(std::move(item));
}

bool is_person(std::string_view id) {
  return id.starts_with("user:") && id.size() > 5;
}

bool lacks(const std::vector<std::string>& list, const std::string& value) {
  return !list.empty() && std::find(list.begin(), list.end(), value) == list.end();
}

// Whole numbers that a file may leave out.
int read_count(ConfigTable& table, std::string_view key, int otherwise, int least, int most) {
  const double read = table.number_or(key, otherwise);
  if (read >= least && read <= most && read == double(int(read))) return int(read);
  table.mistake(key, fmt::format("'{}' must be a whole number from {} to {}", key, least, most));
  return otherwise;
}

// From "22:00" to "06:00" is over midnight.
std::pair<int, int> read_hours(ConfigTable& table) {
  const int from = read_minute(table, "from");
  int until = read_minute(table, "until");
  if (until <= from) until += kDayMinutes;
  if (until - from > kDayMinutes) table.mistake("until", "a shift is at most 24 hours long");
  return {from, until};
}

std::array<bool, 7> read_weekdays(ConfigTable& table) {
  std::array<bool, 7> out{};
  const auto words = table.texts("days");
  if (words.empty()) out.fill(true);
  for (const std::string& word : words) {
    if (const auto day = weekday_of(word)) out[*day] = true;
    else table.mistake("days", fmt::format("'{}' is no day of the week: {}", word, fmt::join(kWeekdays, ", ")));
  }
  return out;
}

}  // namespace

// Skills, shifts, holidays and limits: what other blocks name.
void DutyRules::read_words(ConfigTable& root) {
  for (ConfigTable& table : root.tables("skill"))
    add_once(skills_, Skill{read_id(table), read_name(table)}, table, "skill");
  for (ConfigTable& table : root.tables("shift")) {
    ShiftKind shift{read_id(table), read_name(table)};
    std::tie(shift.from, shift.until) = read_hours(table);
    if (shift.id == "off" || shift.id == "as_usual" || shift.id == "overtime")
      table.mistake("id", fmt::format("'{}' says something else here", shift.id));
    add_once(shifts_, std::move(shift), table, "shift");
  }
  for (ConfigTable& table : root.tables("holiday")) {
    const auto from = read_date(table, "from");
    const auto to = table.has("to") ? read_date(table, "to") : from;
    if (from && to && *to < *from) table.mistake("to", "a holiday ends after it begins");
    holidays_.push_back({from.value_or(Day{}), to.value_or(Day{}), read_name(table)});
  }
  for (ConfigTable& table : root.tables("makeup")) {
    const auto day = read_date(table, "day");
    const std::string as = table.text("as");
    const auto weekday = weekday_of(as);
    if (!weekday && !as.empty()) table.mistake("as", fmt::format("'{}' is no day of the week", as));
    if (day && weekday) makeup_[*day] = *weekday;
  }
  if (auto table = root.table("limits")) {
    limits_.week_hours = table->number_or("week_hours", limits_.week_hours);
    limits_.rest = table->duration_or("rest", limits_.rest);
    limits_.leave_max = table->duration_or("leave_max", limits_.leave_max);
    if (!(limits_.week_hours > 0 && limits_.week_hours <= 168)) table->mistake("week_hours", "a week has 168 hours");
    if (limits_.rest < Duration::zero() || limits_.rest > std::chrono::hours(48))
      table->mistake("rest", "'rest' is from nothing to 48 hours");
  }
}

void DutyRules::check_skills(ConfigTable& table, std::string_view key, const std::vector<std::string>& skills) {
  for (const std::string& skill : skills) {
    if (!find_in(skills_, skill)) table.mistake(key, fmt::format("there is no skill '{}'", skill));
  }
}

void DutyRules::read_crews(ConfigTable& root) {
  for (ConfigTable& table : root.tables("crew")) {
    Crew crew{.id = read_id(table), .name = read_name(table), .department = table.text("department")};
    if (lacks(from_.facts.departments, crew.department))
      table.mistake("department", fmt::format("the city has no department '{}'", crew.department));
    crew.skills = table.texts("skills");
    check_skills(table, "skills", crew.skills);
    crew.areas = table.texts("areas");
    for (const std::string& area : crew.areas) {
      const bool cell = std::all_of(area.begin(), area.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!cell && lacks(from_.facts.areas, area))
        table.mistake("areas", fmt::format("the city has no policy area '{}'", area));
    }
    crew.vehicle = read_both(table, "vehicle");
    const auto base = table.numbers("base");
    if (base.size() == 2) crew.base = {base[0], base[1]};
    if (base.size() != 2 || !geo::check(crew.base)) table.mistake("base", "'base' must be [longitude, latitude]");
    const double speed_kmh = table.number_or("speed_kmh", crew.speed_mps * 3.6);
    if (!(speed_kmh > 0 && speed_kmh <= 200)) table.mistake("speed_kmh", "'speed_kmh' is above 0, and at most 200");
    crew.speed_mps = speed_kmh / 3.6;
    crew.capacity = table.number_or("capacity", crew.capacity);
    if (!(crew.capacity >= 0)) table.mistake("capacity", "'capacity' is not below 0");
    crew.least = unsigned(read_count(table, "least", 1, 1, 1000));
    add_once(crews_, std::move(crew), table, "crew");
  }
}

void DutyRules::read_people(base::CsvTable& table) {
  while (table.next()) {
    Person person{
        .id = table.cell("id"), .name = {table.cell("name_zh"), table.cell("name_en")}, .crew = table.cell("crew")};
    if (!is_person(person.id)) table.mistake(fmt::format("'{}' is no \"user:…\"", person.id));
    if (find_in(people_, person.id)) table.mistake(fmt::format("there is a person '{}' already", person.id));
    if (person.name.zh.empty() || person.name.en.empty()) table.mistake("a name is missing in one of the languages");
    if (!find_crew(person.crew)) table.mistake(fmt::format("there is no crew '{}'", person.crew));
    person.skills = table.words("skills");
    for (const std::string& skill : person.skills) {
      if (!find_in(skills_, skill)) table.mistake(fmt::format("there is no skill '{}'", skill));
    }
    std::sort(person.skills.begin(), person.skills.end());
    person.week_hours_max = limits_.week_hours;
    if (const std::string& hours = table.cell("week_hours"); !hours.empty()) {
      const auto [end, problem] = std::from_chars(hours.data(), hours.data() + hours.size(), person.week_hours_max);
      const bool sound = problem == std::errc{} && end == hours.data() + hours.size() && person.week_hours_max > 0 &&
                         person.week_hours_max <= 168;
      if (!sound) table.mistake(fmt::format("'{}' is no number of hours in a week", hours));
    }
    people_.push_back(std::move(person));
  }
}

Pattern DutyRules::read_pattern(ConfigTable& table) {
  Pattern out{.id = read_id(table), .name = read_name(table)};
  const auto check = [&](std::string_view key, std::string& shift) {
    if (shift == "-") shift.clear();
    if (!shift.empty() && !find_shift(shift)) table.mistake(key, fmt::format("there is no shift '{}'", shift));
  };
  out.cycle = table.texts("cycle");
  for (std::string& shift : out.cycle) check("cycle", shift);
  if (!out.cycle.empty()) out.begins = read_date(table, "begins").value_or(Day{});
  auto week = table.table("week");
  if (week && !out.cycle.empty()) table.mistake("week", "a pattern goes by the week or by a cycle, not both");
  if (!week && out.cycle.empty()) table.mistake("cycle", "a pattern has a 'week' or a 'cycle'");
  if (week) {
    for (const std::string& key : week->keys()) {
      const auto day = weekday_of(key);
      std::string shift = week->text(key);
      check("week", shift);
      if (day) out.week[*day] = shift;
      else table.mistake("week", fmt::format("'{}' is no day of the week", key));
    }
  }
  out.holidays = table.text_or("holidays", week ? "off" : "as_usual");
  if (out.holidays != "off" && out.holidays != "as_usual" && !find_shift(out.holidays))
    table.mistake("holidays", fmt::format("'{}' is neither \"off\" nor \"as_usual\" nor a shift", out.holidays));
  return out;
}

void DutyRules::read_patterns(ConfigTable& root) {
  for (ConfigTable& table : root.tables("pattern")) add_once(patterns_, read_pattern(table), table, "pattern");
}

void DutyRules::read_rosters(ConfigTable& root) {
  for (ConfigTable& table : root.tables("roster")) {
    RosterRule out{.id = read_id(table), .crew = table.text("crew")};
    const Crew* crew = find_crew(out.crew);
    if (!crew && !out.crew.empty()) table.mistake("crew", fmt::format("there is no crew '{}'", out.crew));
    out.people = table.texts("people");
    for (const std::string& person : out.people) {
      const Person* known = find_person(person);
      if (!known) table.mistake("people", fmt::format("there is no person '{}'", person));
      else if (known->crew != out.crew)
        table.mistake("people", fmt::format("'{}' is of the crew '{}'", person, known->crew));
    }
    out.pattern = table.text("pattern");
    if (!find_in(patterns_, out.pattern) && !out.pattern.empty())
      table.mistake("pattern", fmt::format("there is no pattern '{}'", out.pattern));
    out.from = read_date(table, "from").value_or(Day{});
    out.to = read_date(table, "to").value_or(Day{});
    if (out.to < out.from) table.mistake("to", "a roster ends after it begins");
    out.offset = read_count(table, "offset", 0, -366, 366);
    rosters_of_[out.crew].push_back(rosters_.size());
    add_once(rosters_, std::move(out), table, "roster");
  }
}

// Two rows of one crew and day are two shifts; a person of both works the first.
void DutyRules::read_dated(base::CsvTable& table, const std::string& file) {
  while (table.next()) {
    const auto day = date_of(table.cell("date"));
    if (!day) table.mistake(fmt::format("'{}' is no date as \"2026-02-14\"", table.cell("date")));
    DatedShift row{.day = day.value_or(Day{}), .crew = table.cell("crew"), .shift = table.cell("shift")};
    if (!find_crew(row.crew)) table.mistake(fmt::format("there is no crew '{}'", row.crew));
    if (row.shift != "-" && !find_shift(row.shift)) table.mistake(fmt::format("there is no shift '{}'", row.shift));
    row.people = table.words("people");
    for (const std::string& person : row.people) {
      const Person* known = find_person(person);
      if (!known) table.mistake(fmt::format("there is no person '{}'", person));
      else if (known->crew != row.crew) table.mistake(fmt::format("'{}' is of the crew '{}'", person, known->crew));
    }
    row.file = file;
    dated_[{row.crew, row.day}].push_back(std::move(row));
  }
}

void DutyRules::read_needs(ConfigTable& root) {
  for (ConfigTable& table : root.tables("need")) {
    SkillNeed need{.department = table.text("department"), .skill = table.text("skill")};
    if (lacks(from_.facts.departments, need.department))
      table.mistake("department", fmt::format("the city has no department '{}'", need.department));
    if (!need.skill.empty()) check_skills(table, "skill", {need.skill});
    need.least = unsigned(read_count(table, "least", 1, 1, 1000));
    need.days = read_weekdays(table);
    if (table.has("from") || table.has("until")) std::tie(need.from, need.until) = read_hours(table);
    else need.until = kDayMinutes;
    needs_.push_back(std::move(need));
  }
}

void DutyRules::read_norms(ConfigTable& root) {
  for (ConfigTable& table : root.tables("norm")) {
    WorkNorm norm{.kind = table.text_or("kind", ""), .category = table.text_or("category", "")};
    norm.skills = table.texts("skills");
    check_skills(table, "skills", norm.skills);
    norm.service = table.duration_or("service", norm.service);
    if (norm.service < Duration::zero() || norm.service > std::chrono::hours(24 * 7))
      table.mistake("service", "'service' is at most a week");
    norm.load = table.number_or("load", 0);
    if (!(norm.load >= 0)) table.mistake("load", "'load' is not below 0");
    const bool twice = std::any_of(norms_.begin(), norms_.end(), [&](const WorkNorm& other) {
      return other.kind == norm.kind && other.category == norm.category;
    });
    if (twice) table.mistake("kind", "there is a norm for the same kind and category already");
    norms_.push_back(std::move(norm));
  }
}

}  // namespace cityloop::duty
