#include "index/indicator/type_table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "flow/noun.h"

namespace cityloop::index {
namespace {

using flow::Value;
using flow::operator""_name;

constexpr double kUsPerSecond = 1e6, kSecondsPerHour = 3600;

bool is_absent(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

std::optional<double> number_in(const Value& value) {
  if (const double* const number = std::get_if<double>(&value)) return *number;
  if (const bool* const flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  if (std::holds_alternative<flow::Json>(value)) {
    const auto whole = flow::number_of(value);  // a number that no double holds
    return whole ? std::optional<double>(whole->near) : std::nullopt;
  }
  return std::nullopt;
}

bool is_true(const Value& value) {
  const bool* const flag = std::get_if<bool>(&value);
  return flag && *flag;
}

// A moment that a column tells: a stamp's seconds, or an instant as text.
std::optional<base::Instant> moment_in(const Value& value) {
  if (const double* const seconds = std::get_if<double>(&value))
    return base::from_us(std::llround(*seconds * kUsPerSecond));
  if (const auto* const text = std::get_if<flow::Text>(&value)) {
    if (const auto at = base::parse_time(text->view())) return *at;
  }
  return std::nullopt;
}

std::int64_t second_after(base::Instant at) {
  return base::to_us(std::chrono::ceil<std::chrono::seconds>(at)) / 1'000'000;
}

}  // namespace

Ledger::Ledger(IndicatorRulesPtr given) : rules(std::move(given)), places(*rules) {
  std::map<std::pair<Span, bool>, std::uint8_t> known;
  for (const Declaration& one : rules->indicators()) {
    cells.emplace_back(one, one.over == Over::formula ? 0 : rules->areas().size());
    const auto [at, fresh] = known.try_emplace({one.period.span, one.period.calendar}, std::uint8_t(clocks.size()));
    if (fresh) clocks.emplace_back(one.period, rules->zone());
    clock_at.push_back(at->second);
  }
}

void Ledger::move_to(base::Instant at) {
  now = at;
  for (PeriodClock& clock : clocks) clock.move_to(at);
}

TypeTable::TypeTable(TypePlan plan, Ledger& ledger)
    : plan_(std::move(plan)),
      ledger_(ledger),
      width_(plan_.columns.size()),
      words_((plan_.conditions.size() + 2 * plan_.freshness.size() + 63) / 64) {}

std::string_view TypeTable::text(RowAt row, std::int16_t column) const {
  if (column < 0) return {};
  const auto* const text = std::get_if<flow::Text>(&value(row, column));
  return text ? text->view() : std::string_view{};
}

void TypeTable::set_flag(RowAt row, std::size_t bit, bool on) {
  std::uint64_t& word = bits_[row * words_ + bit / 64];
  const std::uint64_t mask = std::uint64_t(1) << bit % 64;
  word = on ? word | mask : word & ~mask;
}

TypeTable::RowAt TypeTable::claim(flow::EntityId id) {
  RowAt row;
  if (!free_.empty()) {
    row = free_.back();
    free_.pop_back();
  } else {
    row = RowAt(rows_.size());
    rows_.emplace_back();
    values_.resize(values_.size() + width_);
    bits_.resize(bits_.size() + words_);
    seen_.resize(seen_.size() + plan_.freshness.size(), base::kNever);
  }
  Row& one = rows_[row];
  one.id = id;
  one.alive = true;
  one.has_position = one.changed = false;
  index_.insert(id, row);
  return row;
}

void TypeTable::release(RowAt row) {
  Row& one = rows_[row];
  if (!one.changed) changed_.push_back(one.id);
  index_.erase(one.id);
  one.alive = false;
  ++one.generation;
  for (std::size_t i = 0; i < width_; ++i) values_[row * width_ + i] = {};
  for (std::size_t i = 0; i < words_; ++i) bits_[row * words_ + i] = 0;
  for (std::size_t i = 0; i < plan_.freshness.size(); ++i) seen_[row * plan_.freshness.size() + i] = base::kNever;
  free_.push_back(row);
}

void TypeTable::note_changed(RowAt row) {
  if (!std::exchange(rows_[row].changed, true)) changed_.push_back(rows_[row].id);
}

Share TypeTable::share_of(RowAt row, const Gauge& gauge) const {
  Share out;
  if (gauge.where >= 0 && !flag(row, std::size_t(gauge.where))) return out;
  out.expected = true;
  const Declaration& one = ledger_.rules->indicators()[gauge.indicator];
  if (gauge.column < 0) {
    out.present = true;
    return out;
  }
  const Value& held = value(row, gauge.column);
  const auto number = number_in(held);
  if (one.measure == Measure::share ? is_absent(held) : !number) return out;
  const auto by = gauge.by >= 0 ? number_in(value(row, gauge.by)) : std::nullopt;
  if (gauge.by >= 0 && !by) return out;
  out.stale = gauge.fresh >= 0 && flag(row, stale_bit(std::size_t(gauge.fresh)));
  if (out.stale) return out;
  out.present = true;
  if (number) out.value = millionths(*number);
  if (by) out.by = millionths(*by);
  if (gauge.holds >= 0) out.holds = flag(row, std::size_t(gauge.holds));
  else if (number) out.holds = one.above ? *number >= one.limit : *number <= one.limit;
  return out;
}

bool TypeTable::judge(RowAt row, std::uint64_t touched) {
  bool any = false;
  const twin::Q::Lookup look = [this, row](flow::Name name) -> const Value* {
    const std::int16_t column = plan_.find(name);
    if (column < 0) return nullptr;
    const Value& held = value(row, column);
    return is_absent(held) ? nullptr : &held;
  };
  for (std::size_t i = 0; i < plan_.conditions.size(); ++i) {
    if (!(plan_.conditions[i].reads & touched)) continue;
    const bool now = plan_.conditions[i].q.matches(look);
    any = any || now != flag(row, i);
    set_flag(row, i, now);
  }
  return any;
}

void TypeTable::settle_place(RowAt row) {
  Row& one = rows_[row];
  one.place = ledger_.places.of(one.has_position ? std::optional(one.at) : std::nullopt, text(row, plan_.area),
                                text(row, plan_.department));
}

void TypeTable::add(const Gauge& gauge, std::uint32_t place, const Share& share, int sign) {
  if (!share.expected) return;
  Cells& cells = ledger_.cells[gauge.indicator];
  const PeriodClock& clock = ledger_.clock_of(gauge.indicator);
  for (const std::uint16_t area : ledger_.places.areas(place)) {
    if (cells.indicator().wants(ledger_.places.kind(area))) cells.add(area, share, sign, ledger_.now, clock);
  }
}

void TypeTable::add_all(RowAt row, int sign) {
  for (const Gauge& gauge : plan_.gauges) {
    if (gauge.level) add(gauge, rows_[row].place, share_of(row, gauge), sign);
  }
}

void TypeTable::drop(flow::EntityId id) {
  const RowAt row = index_.find(id);
  if (row == IdIndex::kNone) return;
  add_all(row, -1);
  release(row);
}

void TypeTable::arm(RowAt row, std::size_t fresh) {
  const base::Instant seen = seen_[row * plan_.freshness.size() + fresh];
  const std::int64_t due = second_after(seen + plan_.freshness[fresh].stale_after);
  set_flag(row, stale_bit(fresh), base::to_us(ledger_.now) >= due * 1'000'000);
  if (flag(row, armed_bit(fresh)) || flag(row, stale_bit(fresh))) return;
  set_flag(row, armed_bit(fresh), true);
  due_[due].push_back({row, rows_[row].generation, std::uint32_t(fresh)});
}

void TypeTable::observe(RowAt row, std::int16_t column, base::Instant at) {
  for (std::size_t fresh = 0; fresh < plan_.freshness.size(); ++fresh) {
    if (plan_.freshness[fresh].column != column) continue;
    seen_[row * plan_.freshness.size() + fresh] = at;
    if (at != base::kNever) arm(row, fresh);
    else set_flag(row, stale_bit(fresh), false);
  }
}

// When each stage was last entered.
void TypeTable::stamp(RowAt row, std::string_view stage) {
  for (std::size_t i = 0; i < width_; ++i) {
    if (!plan_.columns[i].stamp_of.empty() && plan_.columns[i].stamp_of == stage)
      value(row, std::int16_t(i)) = double(base::to_us(ledger_.now)) / kUsPerSecond;
  }
}

// True when it was one of ours.
bool TypeTable::take(RowAt row, const flow::AttributeChange& told) {
  if (told.late || !told.now.dataset_id.empty()) return false;
  if (told.now.name == "location"_name) {
    const auto* const json = std::get_if<flow::Json>(&told.now.value);
    const auto shape = json && !told.removed ? geo::Shape::from_geojson(json->text.view())
                                             : base::Result<geo::Shape>(base::fail(base::Errc::not_found, "no place"));
    rows_[row].has_position = shape.has_value();
    if (shape) rows_[row].at = shape->anchor();
    return true;
  }
  const std::int16_t column = plan_.find(told.now.name);
  if (column < 0) return false;
  value(row, column) = told.removed ? Value{} : told.now.value;
  const base::Instant observed = told.now.observed_at == base::kNever ? ledger_.now : told.now.observed_at;
  observe(row, column, told.removed ? base::kNever : std::min(observed, ledger_.now));
  return true;
}

void TypeTable::on_change(const flow::Change& change, bool happened) {
  if (change.kind == flow::ChangeKind::erased) return drop(change.entity);
  const RowAt known = index_.find(change.entity);
  const bool fresh = known == IdIndex::kNone;
  std::uint64_t touched = fresh ? ~std::uint64_t(0) : 0;
  bool moves = fresh;
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.late || !told.now.dataset_id.empty()) continue;
    if (told.now.name == "location"_name) moves = true;
    const std::int16_t column = plan_.find(told.now.name);
    if (column >= 0) touched |= TypePlan::bit(column);
  }
  if (!touched && !moves) return;
  moves = moves || (touched & (TypePlan::bit(plan_.department) | TypePlan::bit(plan_.area)));
  const RowAt row = fresh ? claim(change.entity) : known;
  const std::uint32_t place_before = rows_[row].place;
  before_.clear();
  for (const Gauge& gauge : plan_.gauges) {
    if (gauge.level && (moves || (gauge.reads & touched)))
      before_.emplace_back(&gauge, fresh ? Share{} : share_of(row, gauge));
  }
  if (plan_.happens) {
    const Value* const begin = values_.data() + row * width_;
    old_values_.assign(begin, begin + width_);
  }
  for (const flow::AttributeChange& told : change.attributes) (void)take(row, told);
  if (plan_.stage >= 0 && value(row, plan_.stage) != old_values_[std::size_t(plan_.stage)])
    stamp(row, text(row, plan_.stage));
  (void)judge(row, touched);
  if (moves) settle_place(row);
  for (const auto& [gauge, share] : before_) {
    const Share now = share_of(row, *gauge);
    if (now == share && rows_[row].place == place_before && !fresh) continue;
    add(*gauge, place_before, share, -1);
    add(*gauge, rows_[row].place, now, +1);
  }
  note_changed(row);
  if (!plan_.happens || !happened) return;
  for (const Gauge& gauge : plan_.gauges) {
    if (!gauge.level || ledger_.rules->indicators()[gauge.indicator].measure == Measure::changes)
      tell(row, gauge, old_values_, fresh && change.kind == flow::ChangeKind::created);
  }
}

void TypeTable::happen(const Gauge& gauge, RowAt row, std::int64_t sum, std::int64_t of) {
  Cells& cells = ledger_.cells[gauge.indicator];
  const PeriodClock& clock = ledger_.clock_of(gauge.indicator);
  const bool valued = cells.indicator().measure == Measure::duration;
  for (const std::uint16_t area : ledger_.places.areas(rows_[row].place)) {
    if (!cells.indicator().wants(ledger_.places.kind(area))) continue;
    if (valued) cells.happen_value(area, sum, clock);
    else cells.happen(area, sum, of, clock);
  }
}

// What has just happened to an entity, as far as one indicator counts it.
void TypeTable::tell(RowAt row, const Gauge& gauge, const std::vector<Value>& before, bool created) {
  if (gauge.where >= 0 && !flag(row, std::size_t(gauge.where))) return;
  const auto was = [&](std::int16_t column) -> const Value& { return before[std::size_t(column)]; };
  const auto is = [&](std::int16_t column) -> const Value& { return value(row, column); };
  const Measure measure = ledger_.rules->indicators()[gauge.indicator].measure;
  if (measure == Measure::changes) {
    if (!is_absent(was(gauge.column)) && !is_absent(is(gauge.column)) && was(gauge.column) != is(gauge.column))
      happen(gauge, row, 1, 1);
    return;
  }
  const bool closed = is_absent(was(plan_.closed_at)) && !is_absent(is(plan_.closed_at));
  switch (measure) {
    case Measure::opened:
      if (created) happen(gauge, row, 1, 1);
      return;
    case Measure::assigned:
      if (was(plan_.department) != is(plan_.department) && !text(row, plan_.department).empty())
        happen(gauge, row, 1, 1);
      return;
    case Measure::closed:
      if (closed) happen(gauge, row, 1, 1);
      return;
    case Measure::on_time:
      if (closed) happen(gauge, row, is_true(is(plan_.overdue)) ? 0 : 1, 1);
      return;
    case Measure::reopened:
      if (closed) happen(gauge, row, 0, 1);
      else if (!is_absent(was(plan_.closed_at)) && is_absent(is(plan_.closed_at))) happen(gauge, row, 1, 0);
      return;
    case Measure::rating: {
      const auto given = number_in(is(plan_.rating));
      if (given && *given > 0 && was(plan_.rating) != is(plan_.rating)) happen(gauge, row, millionths(*given), 1);
      return;
    }
    case Measure::duration: return tell_duration(row, gauge, closed, was(plan_.stage) != is(plan_.stage));
    default: return;
  }
}

void TypeTable::tell_duration(RowAt row, const Gauge& gauge, bool closed, bool stage_changed) {
  const Declaration& one = ledger_.rules->indicators()[gauge.indicator];
  const bool reached = one.to == "closed" ? closed : stage_changed && text(row, plan_.stage) == one.to;
  if (!reached) return;
  const auto from = moment_in(value(row, gauge.from >= 0 ? gauge.from : plan_.opened_at));
  if (!from || *from > ledger_.now) return;
  const double hours = double((ledger_.now - *from).count()) / kUsPerSecond / kSecondsPerHour;
  happen(gauge, row, millionths(hours), 1);
}

void TypeTable::grow_old() {
  const std::int64_t now_s = base::to_us(ledger_.now) / 1'000'000;
  while (!due_.empty() && due_.begin()->first <= now_s) {
    const std::vector<Due> all = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    for (const Due& one : all) {
      if (rows_[one.row].generation != one.generation) continue;
      set_flag(one.row, armed_bit(one.fresh), false);
      if (seen_[one.row * plan_.freshness.size() + one.fresh] == base::kNever) continue;
      before_.clear();
      for (const Gauge& gauge : plan_.gauges) {
        if (gauge.level && gauge.fresh == std::int16_t(one.fresh))
          before_.emplace_back(&gauge, share_of(one.row, gauge));
      }
      arm(one.row, one.fresh);
      if (!flag(one.row, stale_bit(one.fresh))) continue;
      for (const auto& [gauge, share] : before_) {
        add(*gauge, rows_[one.row].place, share, -1);
        add(*gauge, rows_[one.row].place, share_of(one.row, *gauge), +1);
      }
    }
  }
}

std::size_t TypeTable::bytes() const {
  return rows_.capacity() * sizeof(Row) + values_.capacity() * sizeof(Value) + bits_.capacity() * 8 +
         seen_.capacity() * sizeof(base::Instant) + index_.bytes();
}

}  // namespace cityloop::index
