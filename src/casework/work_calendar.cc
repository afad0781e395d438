#include "casework/work_calendar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "casework/toml_reading.h"

namespace cityloop::casework {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr int kDayMinutes = 24 * 60;
// A calendar without work for so long is taken to have none; deadlines end there.
constexpr int kWalkDaysMax = 40 * 366;

std::optional<int> number_of(std::string_view text) {
  int out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// "08:30" as minutes; "24:00" is the end of the day.
std::optional<int> minute_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = number_of(text.substr(0, 2)), minute = number_of(text.substr(3));
  if (!hour || !minute || *hour < 0 || *minute < 0 || *minute > 59) return std::nullopt;
  const int out = *hour * 60 + *minute;
  return out <= kDayMinutes ? std::optional(out) : std::nullopt;
}

std::optional<unsigned> weekday_of(std::string_view text) {
  const auto found = std::find(kDays.begin(), kDays.end(), text);
  if (found == kDays.end()) return std::nullopt;
  return unsigned(found - kDays.begin());
}

std::optional<sys_days> date_of(std::string_view text) {
  if (text.size() != 10) return std::nullopt;
  const auto at = base::parse_time(text);
  if (!at) return std::nullopt;
  return std::chrono::floor<days>(*at);
}

unsigned weekday(sys_days day) {
  return std::chrono::weekday(day).c_encoding();
}

// A date that the file must give; nothing, with a mistake, when it does not.
std::optional<sys_days> read_date(base::ConfigTable& table, std::string_view key) {
  const std::string text = table.text(key);
  if (text.empty()) return std::nullopt;
  const auto date = date_of(text);
  if (!date) table.mistake(key, fmt::format("'{}' is '{}', and must be a date as \"2026-02-14\"", key, text));
  return date;
}

}  // namespace

base::Result<Limit> parse_limit(std::string_view text) {
  Limit out;
  if (text.ends_with("wd")) {
    const auto count = number_of(text.substr(0, text.size() - 2));
    if (!count || *count < 1 || *count > 1000)
      return base::fail(base::Errc::invalid, "'{}' is no count of working days from 1 to 1000", text);
    out.days = std::uint32_t(*count);
    return out;
  }
  out.time = TRY(base::parse_duration(text));
  if (out.time < Duration::zero()) return base::fail(base::Errc::invalid, "'{}' is less than nothing", text);
  return out;
}

std::string format_limit(const Limit& limit) {
  return limit.days ? fmt::format("{}wd", limit.days) : base::format_duration(limit.time);
}

WorkCalendar WorkCalendar::always() {
  WorkCalendar out;
  out.id_ = kAlways;
  out.name_ = {"昼夜连续", "Day and night"};
  out.always_ = true;
  return out;
}

WorkCalendar WorkCalendar::read(base::ConfigTable& table, const std::string& city_zone) {
  WorkCalendar out;
  out.id_ = read_id(table);
  out.name_ = read_name(table);
  const std::string zone = table.text_or("time_zone", city_zone);
  if (auto loaded = base::TimeZone::load(zone)) out.zone_ = std::move(*loaded);
  else table.mistake("time_zone", loaded.error().message);
  out.read_days(table);
  for (base::ConfigTable& special : table.tables("special")) out.read_days(special);
  out.read_holidays(table);
  out.read_night(table);
  const bool works = std::any_of(std::begin(out.week_), std::end(out.week_), [](const auto& d) { return !d.empty(); });
  if (!works) table.mistake("days", "there is no working time in the whole week");
  return out;
}

void WorkCalendar::read_days(base::ConfigTable& table) {
  std::vector<Shift> shifts;
  for (const std::string& text : table.texts("shifts")) {
    const auto from = minute_of(std::string_view(text).substr(0, std::min<std::size_t>(5, text.size())));
    const auto to = text.size() == 11 && text[5] == '-' ? minute_of(std::string_view(text).substr(6)) : std::nullopt;
    if (!from || !to || *from == *to || *from == kDayMinutes)
      table.mistake("shifts", fmt::format("'{}' is no shift as \"08:30-12:00\"", text));
    else shifts.push_back({*from, *to > *from ? *to : *to + kDayMinutes});
  }
  std::sort(shifts.begin(), shifts.end(), [](const Shift& a, const Shift& b) { return a.from < b.from; });
  for (std::size_t i = 1; i < shifts.size(); ++i) {
    if (shifts[i].from < shifts[i - 1].to) table.mistake("shifts", "two shifts of one day overlap");
  }
  if (shifts.empty() && !table.has("shifts")) table.mistake("shifts", "'shifts' is missing");
  const auto names = table.texts("days");
  if (names.empty()) table.mistake("days", "'days' is missing: [\"mon\", …]");
  for (const std::string& name : names) {
    if (const auto day = weekday_of(name)) week_[*day] = shifts;
    else table.mistake("days", fmt::format("'{}' is none of mon tue wed thu fri sat sun", name));
  }
}

void WorkCalendar::read_holidays(base::ConfigTable& table) {
  for (base::ConfigTable& holiday : table.tables("holiday")) {
    if (holiday.has("name")) read_name(holiday);
    const auto from = read_date(holiday, "from");
    const auto to = holiday.has("to") ? read_date(holiday, "to") : from;
    if (!from || !to) continue;
    if (*to < *from || *to - *from > days(366)) {
      holiday.mistake("to", "a holiday ends on or after its first day, and within a year");
      continue;
    }
    for (sys_days day = *from; day <= *to; day += days(1)) holidays_[day] = true;
  }
  for (base::ConfigTable& makeup : table.tables("makeup")) {
    if (makeup.has("name")) read_name(makeup);
    const auto day = read_date(makeup, "day");
    const std::string as = makeup.text("as");
    const auto like = weekday_of(as);
    if (!like && !as.empty()) makeup.mistake("as", fmt::format("'{}' is none of mon tue wed thu fri sat sun", as));
    if (!day || !like) continue;
    if (holidays_.contains(*day)) makeup.mistake("day", "this day is a holiday: it cannot be a make-up day too");
    if (week_[*like].empty()) makeup.mistake("as", fmt::format("'{}' has no shifts to work by", as));
    makeup_[*day] = *like;
  }
}

void WorkCalendar::read_night(base::ConfigTable& table) {
  auto night = table.table("night");
  if (!night) return;
  const auto from = minute_of(night->text("from")), to = minute_of(night->text("to"));
  if (!from || !to || *from == *to || *from == kDayMinutes)
    night->mistake("from", "the night is from one hour to another, as from = \"22:00\", to = \"06:00\"");
  else night_ = {*from, *to > *from ? *to : *to + kDayMinutes};
  night_rule_ = read_choice<NightRule>(*night, "rule", {{"stands", NightRule::stands}, {"waits", NightRule::waits}},
                                       NightRule::stands);
}

const std::vector<WorkCalendar::Shift>& WorkCalendar::shifts_on(Days day) const {
  static const std::vector<Shift> none;
  if (const auto makeup = makeup_.find(day); makeup != makeup_.end()) return week_[makeup->second];
  return holidays_.contains(day) ? none : week_[weekday(day)];
}

Instant WorkCalendar::at(Days day, int minute) const {
  return zone_.to_utc(Instant(day) + minutes(minute));
}

WorkCalendar::Days WorkCalendar::day_of(Instant at) const {
  return std::chrono::floor<days>(zone_.to_local(at));
}

// The nights that may touch a day's shifts: of the day before, the day and the day after.
std::vector<WorkCalendar::Span> WorkCalendar::nights_around(Days day) const {
  std::vector<Span> out;
  if (night_rule_ == NightRule::none || night_.to == 0) return out;
  for (int shift = -1; shift <= 1; ++shift) {
    const Days begins = day + days(shift);
    out.push_back({at(begins, night_.from), at(begins, night_.to)});
  }
  return out;
}

std::vector<WorkCalendar::Span> WorkCalendar::spans_on(Days day) const {
  std::vector<Span> out;
  for (const Shift& shift : shifts_on(day)) {
    const Span span{at(day, shift.from), at(day, shift.to)};
    if (span.from < span.to) out.push_back(span);  // a shift may fall into the hour that a change of the clock skips
  }
  if (night_rule_ != NightRule::stands) return out;
  for (const Span& night : nights_around(day)) {
    std::vector<Span> left;
    for (const Span& span : out) {
      if (span.from < night.from) left.push_back({span.from, std::min(span.to, night.from)});
      if (span.to > night.to) left.push_back({std::max(span.from, night.to), span.to});
    }
    out = std::move(left);
  }
  return out;
}

template <class F>
void WorkCalendar::walk(Instant from, F&& f) const {
  Instant done = from;
  const Days first = day_of(from) - days(1);  // a night shift of the day before may still run
  for (int i = 0; i < kWalkDaysMax; ++i) {
    for (Span span : spans_on(first + days(i))) {
      span.from = std::max(span.from, done);
      if (span.to <= span.from) continue;
      done = span.to;
      if (!f(span)) return;
    }
  }
}

bool WorkCalendar::is_working(Instant at) const {
  if (always_) return true;
  bool working = false;
  walk(at, [&](const Span& span) { return working = span.from == at, false; });
  return working;
}

Instant WorkCalendar::add(Instant from, Duration work) const {
  if (always_ || work <= Duration::zero()) return from + std::max(work, Duration::zero());
  Instant out = from + work;  // kept when there is no working time any more
  walk(from, [&](const Span& span) {
    out = span.from + work;
    if (out <= span.to) return false;
    work -= span.to - span.from;
    return true;
  });
  return out;
}

Duration WorkCalendar::between(Instant from, Instant to) const {
  if (to <= from) return Duration::zero();
  if (always_) return to - from;
  Duration out{};
  walk(from, [&](const Span& span) {
    if (span.from >= to) return false;
    out += std::min(span.to, to) - span.from;
    return span.to < to;
  });
  return out;
}

Duration WorkCalendar::length(const Limit& limit, Instant from) const {
  if (limit.days == 0) return limit.time;
  if (always_) return days(limit.days);
  // Counts on from the working day in which `from` lies, or which comes next.
  Days day{};
  walk(from, [&](const Span& span) { return day = day_of(span.from), false; });
  const auto first_of = [&](Days d) { return spans_on(d); };
  if (!first_of(day - days(1)).empty() && first_of(day - days(1)).back().to > from &&
      first_of(day - days(1)).front().from <= from)
    day -= days(1);  // in the small hours the shift of the evening before still runs
  const auto worked = [&](Days d, Instant until) {
    Duration sum{};
    for (const Span& span : first_of(d)) {
      if (span.from < until) sum += std::min(span.to, until) - span.from;
    }
    return sum;
  };
  const Duration into = worked(day, std::max(from, first_of(day).empty() ? from : first_of(day).front().from));
  std::uint32_t left = limit.days;
  Days last = day;
  for (int i = 0; i < kWalkDaysMax && left > 0; ++i) {
    last += days(1);
    if (!spans_on(last).empty()) --left;
  }
  const auto spans = spans_on(last);
  if (spans.empty()) return limit.time;
  Duration to_go = std::min(into, worked(last, spans.back().to));
  Instant due = spans.front().from;
  for (const Span& span : spans) {
    due = span.from + to_go;
    if (due <= span.to) break;
    to_go -= span.to - span.from;
  }
  return between(from, due);
}

Instant WorkCalendar::begin(Instant start) const {
  if (always_ || night_rule_ != NightRule::waits) return start;
  for (const Span& night : nights_around(day_of(start))) {
    if (night.from <= start && start < night.to) return night.to;
  }
  return start;
}

WorkCalendars::WorkCalendars() {
  all_.push_back(WorkCalendar::always());
}

void WorkCalendars::read(base::ConfigTable& root, const std::string& city_zone) {
  for (base::ConfigTable& table : root.tables("calendar")) {
    WorkCalendar calendar = WorkCalendar::read(table, city_zone);
    if (!calendar.id().empty() && find(calendar.id()))
      table.mistake("id", fmt::format("there is a calendar '{}' already", calendar.id()));
    all_.push_back(std::move(calendar));
  }
}

const WorkCalendar* WorkCalendars::find(std::string_view id) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const WorkCalendar& c) { return c.id() == id; });
  return found == all_.end() ? nullptr : &*found;
}

const WorkCalendar& WorkCalendars::get(std::string_view id) const {
  const WorkCalendar* found = find(id);
  return found ? *found : all_.front();
}

}  // namespace cityloop::casework
