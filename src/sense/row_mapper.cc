#include "sense/row_mapper.h"

#include <algorithm>
#include <cmath>

#include "sense/value_reader.h"

namespace cityloop::sense {

using base::Instant;
using base::kNever;

namespace {

constexpr std::size_t kIdBytes = 512;

// Numbers by the letters of a pattern: "%d.%m.%Y %H:%M". Civil time; false when the text is another.
bool read_pattern(std::string_view pattern, std::string_view text, Instant& out) {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      if (text.empty() || text[0] != pattern[i]) return false;
      text.remove_prefix(1);
      continue;
    }
    const char letter = pattern[++i];
    int& number = letter == 'Y'   ? year
                  : letter == 'm' ? month
                  : letter == 'd' ? day
                  : letter == 'H' ? hour
                  : letter == 'M' ? minute
                                  : second;
    const std::size_t most = letter == 'Y' ? 4 : 2;
    std::size_t digits = 0;
    number = 0;
    while (digits < most && digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      number = number * 10 + (text[digits++] - '0');
    }
    if (digits == 0) return false;
    text.remove_prefix(digits);
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                                         std::chrono::day(unsigned(day))};
  if (!text.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60) return false;
  out = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
        std::chrono::seconds(second);
  return true;
}

bool fits_urn(std::string_view id) {
  return id.size() <= kIdBytes && std::none_of(id.begin(), id.end(), [](char c) {
           return std::uint8_t(c) <= ' ' || c == 0x7f ||
                  std::string_view("<>\"{}|\\^`").find(c) != std::string_view::npos;
         });
}

}  // namespace

TimeReader::TimeReader(const TimeMap& map, const base::TimeZone& zone) : map_(map), zone_(zone) {}

Instant TimeReader::parse(const Field& field, Refusal& why) const {
  const auto bad = [&] {
    std::string text;
    append_text(field, text);
    why = {Reason::bad_time, fmt::format("'{}' is not a time as the mapping expects it", cut_text(text))};
    return kNever;
  };
  if (map_.form == TimeForm::epoch_s || map_.form == TimeForm::epoch_ms) {
    double v = 0;
    const double per_s = map_.form == TimeForm::epoch_s ? 1e6 : 1e3;
    if (read_number(field, v, why) != Got::value || std::abs(v * per_s) > 4e18) return bad();
    return base::from_us(std::int64_t(std::llround(v * per_s)));
  }
  if (field.kind != Field::Kind::text) return bad();
  if (map_.form == TimeForm::pattern) {
    Instant local;
    return read_pattern(map_.pattern, field.text, local) ? zone_.to_utc(local) : bad();
  }
  const auto parsed = base::parse_time(field.text);
  if (!parsed) return bad();
  const bool zoned = field.text.size() > 10 && field.text.find_first_of("Zz+-", 10) != std::string_view::npos;
  return zoned ? *parsed : zone_.to_utc(*parsed);
}

Instant TimeReader::read(std::span<const Field> fields, Refusal& why) {
  Field field = fields[map_.from.inputs[0]];
  if (map_.from.inputs.size() > 1 || !map_.from.literals[0].empty() || !map_.from.literals[1].empty()) {
    if (!fill(map_.from, fields, scratch_)) scratch_.clear();
    field = Field::of_text(scratch_);
  }
  if (field.blank()) {
    why = {Reason::bad_time, "there is no time"};
    return kNever;
  }
  if (field.kind != Field::Kind::text) return parse(field, why);
  if (field.text == last_text_ && last_ != kNever) return last_;
  const Instant at = parse(field, why);
  if (at == kNever) return at;
  last_text_ = field.text;
  return last_ = at;
}

RowMapper::RowMapper(const EntityMap& entity, const base::TimeZone& zone, const KnownIds* known,
                     std::size_t entities_max)
    : entity_(entity), entities_max_(entities_max) {
  static const std::unordered_set<flow::EntityId> kNone;
  if (entity.known_only) {
    known_ = &kNone;
    if (known) {
      if (const auto found = known->find(entity.type); found != known->end()) known_ = &found->second;
    }
  }
  if (entity.time) time_.emplace(*entity.time, zone);
}

bool RowMapper::passes(std::span<const Field> fields) const {
  std::string text;
  return std::all_of(entity_.where.begin(), entity_.where.end(), [&](const Condition& condition) {
    const Field& field = fields[condition.input];
    std::string_view value = field.text;
    if (field.kind != Field::Kind::text) {
      text.clear();
      append_text(field, text);
      value = text;
    }
    return std::find(condition.texts.begin(), condition.texts.end(), value) != condition.texts.end();
  });
}

bool RowMapper::read_time(std::span<const Field> fields, const TimeBounds& bounds, Instant& at, Refusal& why) {
  at = kNever;
  if (!time_) return true;
  at = time_->read(fields, why);
  if (at == kNever && entity_.time->arrival && bounds.arrival != kNever &&
      fields[entity_.time->from.inputs[0]].blank()) {
    at = bounds.arrival;
  }
  if (at == kNever) return false;
  const auto refuse = [&](Reason reason, std::string_view how, Instant limit) {
    why = {reason, fmt::format("observed at {}, {} {}", base::format_time(at), how, base::format_time(limit))};
    return false;
  };
  if (at < bounds.not_before) return refuse(Reason::too_old, "before", bounds.not_before);
  if (at > bounds.not_after) return refuse(Reason::future, "later than", bounds.not_after);
  if (at < bounds.from || at >= bounds.to) {
    why.reason = Reason::outside_window;
    why.detail.clear();
    return false;
  }
  return true;
}

bool RowMapper::make_id(std::span<const Field> fields, flow::EntityId& id, Refusal& why) {
  std::string urn;
  if (!fill(entity_.id, fields, urn)) {
    why = {Reason::bad_id, "the id's column is blank"};
    return false;
  }
  if (!fits_urn(urn)) {
    why = {Reason::bad_id, fmt::format("'{}' cannot be an id", cut_text(urn))};
    return false;
  }
  if (known_) {
    id = flow::EntityId::lookup(urn);
    if (id.empty() || !known_->contains(id)) {
      why = {Reason::unknown_device, fmt::format("'{}' is not in the static table", urn)};
      return false;
    }
  } else if (ids_.size() >= entities_max_) {
    why = {Reason::too_many, fmt::format("'{}' would be more than {} entities", urn, entities_max_)};
    return false;
  } else {
    id = flow::EntityId(urn);
  }
  ids_.emplace(key_, id);
  return true;
}

bool RowMapper::read_id(std::span<const Field> fields, flow::EntityId& id, Refusal& why) {
  const auto& inputs = entity_.id.inputs;
  const bool plain = inputs.size() == 1 && fields[inputs[0]].kind == Field::Kind::text;
  std::string_view key = plain ? fields[inputs[0]].text : std::string_view{};
  if (!plain) {
    key_.clear();
    for (const std::size_t input : inputs) append_text(fields[input], key_), key_ += '\x1f';
    key = key_;
  }
  if (const auto found = ids_.find(key); found != ids_.end()) return id = found->second, true;
  if (plain) key_ = key;
  return make_id(fields, id, why);
}

bool RowMapper::map(std::span<const Field> fields, const TimeBounds& bounds, flow::Write& out, Instant& at,
                    Refusal& why) {
  if (!entity_.where.empty() && !passes(fields)) {
    why.reason = Reason::filtered;
    why.detail.clear();
    return false;
  }
  if (!read_time(fields, bounds, at, why) || !read_id(fields, out.entity, why)) return false;
  out.mode = time_ ? flow::WriteMode::observe : flow::WriteMode::upsert;
  out.types = {entity_.type};
  out.attributes.clear();
  out.attributes.reserve(entity_.attributes.size());
  bool said = !time_;
  for (const AttributeMap& map : entity_.attributes) {
    flow::Attribute& attribute = out.attributes.emplace_back();
    const Got got = read_value(map, fields, attribute.value, why);
    if (got == Got::bad && !map.leave_out) return false;
    if (got == Got::bad) ++left_out_, last_left_out_ = why.detail;
    if (got != Got::value) {
      out.attributes.pop_back();
      continue;
    }
    attribute.name = map.name;
    attribute.kind = map.kind;
    attribute.unit_code = map.unit;
    attribute.observed_at = at;
    said |= map.from != ValueFrom::constant && map.from != ValueFrom::text;
  }
  if (said) return true;
  why = {Reason::no_values, "every value of the row is blank"};
  return false;
}

}  // namespace cityloop::sense
